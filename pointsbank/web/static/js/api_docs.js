"use strict";
SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.document,
  domNode: document.getElementById("swagger-ui"),
  deepLinking: true,
  validatorUrl: null
});
