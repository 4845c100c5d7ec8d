"""The roster's pages, step by step, as a person walks through them without JavaScript."""

from __future__ import annotations

import io

import pytest

from pointsbank.people import find_household
from pointsbank.sheets import open_workbook, write_csv
from tests.sheets_of_people import HEADER
from tests.visitor import Visitor


@pytest.fixture
def recorder(app, village):
    return Visitor(app, "recorder")


def test_template_upload_columns_dry_run_confirm(app, s, recorder, village):
    sheet = recorder.client.get("/rosters/template.xlsx")
    titles = next(iter(open_workbook(sheet.data, "t.xlsx").rows()))
    assert {"户号", "姓名", "证件号"} <= {cell.text for cell in titles.cells}
    rows = [("H900", "赵新来", "户主", 1, "", "", "", ""), ("H901", "　", "户主", 1, "", "", "", "")]
    form = recorder.form("/rosters", "/rosters")
    sent = recorder.client.post("/rosters", data={**{name: values[0] for name, values in form.values.items()},
                                                  "file": (io.BytesIO(write_csv(HEADER, rows)), "名册.csv")})
    assert sent.status_code == 303
    columns = sent.headers["Location"]
    result = recorder.send(recorder.form(columns, columns))
    assert result.status_code == 303
    page = recorder.client.get(result.headers["Location"]).text
    assert "2 行里,1 行可以新登记" in page and 'data-row="3"' in page
    assert recorder.client.get(result.headers["Location"] + "/findings.xlsx").status_code == 200
    confirmed = recorder.send(recorder.form(result.headers["Location"], result.headers["Location"] + "/confirm"))
    assert "新登记 1 户、1 人" in recorder.client.get(confirmed.headers["Location"]).text
    assert find_household(s, village.place_code, "H900").head_name == "赵新来"
