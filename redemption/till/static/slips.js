// Prints a slip; without this script the browser's own print command does.
document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
