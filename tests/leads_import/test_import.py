"""`leads import`: what any CRM's export becomes, what is refused and why, and that twice is as good as once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, create_engine, select

from bot.core.context import UserError
from bot.features.leads.importing import CHUNK
from bot.leads_import import Wanted, import_file
from bot.leads_import.file import LINE, CsvFile, Record
from storage.database import Database
from storage.leads import Lead, LeadEvent
from storage.outbox import OutboxRow
from storage.people import Member
from storage.workspaces import Workspace, install, installed_workspaces
from tests.features.stories import on_sqlite
from tests.processes import finished

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def imports(tmp_path, database_url):
    async def run(content, *mapping, name="file.csv", **wanted):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await import_file(database_url, path, Wanted(mapping, **wanted))

    return run


@pytest.fixture
def stored(database_url):
    def rows(row_type):
        engine = create_engine(database_url)
        with Session(engine) as session:
            found = session.exec(select(row_type).order_by(row_type.id)).all()
        engine.dispose()
        return found

    return rows


def counts(report):
    assert report.read == report.added + report.changed + report.unchanged + report.repeated + report.refused
    return report.added, report.changed, report.unchanged, report.repeated, report.refused


async def test_a_second_file_updates_the_leads_of_the_first_and_twice_changes_nothing(imports, stored):
    first = 'mql_id,company,source,handed_off_at,value\na,Acme,web,2018-02-01,"1,200.50"\nb,,,2018-02-03,\n'
    second = "mql_id,won_date\nb,2018-02-01 10:00:00\nc,2018-03-01 23:59:59\n"
    assert counts(await imports(first, "key=mql_id")) == (2, 0, 0, 0, 0)
    assert counts(await imports(second, "key=mql_id", "won_at=won_date")) == (1, 1, 0, 0, 0)
    for content, mapping in ((first, ["key=mql_id"]), (second, ["key=mql_id", "won_at=won_date"])):
        report = await imports(content, *mapping)
        assert (report.unchanged, report.added + report.changed) == (2, 0)
    acme, b, c = stored(Lead)
    assert (acme.company, acme.source, acme.value_cents, acme.state) == ("Acme", "web", 120_050, "HANDED_OFF")
    assert (b.company, b.source, b.state, b.closed_at) == ("b", None, "WON", datetime(2018, 2, 1, 10, tzinfo=UTC))
    assert (c.handed_off_at, c.state) == (None, "WON")
    assert [(e.lead_id, e.kind, e.state, e.via) for e in stored(LeadEvent)] == [
        (acme.id, "add", "HANDED_OFF", "import"),
        (b.id, "add", "HANDED_OFF", "import"),
        (b.id, "win", "WON", "import"),
        (c.id, "add", "WON", "import"),
    ]
    assert not stored(OutboxRow)


async def test_a_dry_run_says_the_same_and_changes_nothing(imports, stored):
    text = "key,campaign\n" + "".join(f"k{n},Fair\n" for n in range(2 * CHUNK + 1)) + ",\nk0,Fair\n,Fair\n"
    rehearsed = await imports(text, dry_run=True)
    assert counts(rehearsed) == (2 * CHUNK + 1, 0, 0, 1, 1)
    assert not stored(Lead)
    assert not stored(Workspace)
    assert await imports(text) == rehearsed
    assert len(stored(Lead)) == 2 * CHUNK + 1


async def test_of_rows_with_one_key_the_last_counts_and_the_others_are_said(imports, stored):
    report = await imports("key,source\nA,one\nb,x\na,two\n")
    assert counts(report) == (2, 0, 0, 1, 0)
    assert report.shown == [
        (2, "The key A comes again in line 4, as a (upper and lower case tell no keys apart); that row counts.")
    ]
    assert {lead.source for lead in stored(Lead)} == {"x", "two"}


async def test_statuses_in_the_crms_own_words(imports, stored):
    text = "Lead ID,Lead Status,won_at\n1,Junk Lead,\n2,Qualified,\n3,junk lead,\n4,Nurture,\n5,handed off,2020-01-05\n"
    statuses = ("Junk Lead=rejected:R6", "no=call=disqualified:D7")
    report = await imports(text, "key=Lead ID", "status=Lead Status", statuses=statuses)
    assert report.shown == [(5, '“Nurture” is no status I know. Say what it means: --status "Nurture=STATE".')]
    found = {lead.key: (lead.state, lead.reason) for lead in stored(Lead)}
    assert found == {
        "1": ("REJECTED", "R6"), "2": ("QUALIFIED", None), "3": ("REJECTED", "R6"), "5": ("HANDED_OFF", None),
    }  # fmt: skip
    assert report.remarks[-1] == (
        "1 row has a day on which the lead was won or lost, and a status that says otherwise: "
        "the status counts, the day was left out."
    )
    await imports("key,status\n1,no=call\n", statuses=statuses)
    assert (stored(Lead)[0].reason, stored(Lead)[0].must_not_be_contacted) == ("D7", True)


async def test_a_lead_that_was_over_is_new_again_where_the_crm_says_so(imports, stored):
    await imports("key,status,lost_at\n1,lost,2026-01-05\n")
    assert counts(await imports("key,status\n1,new\n")) == (0, 1, 0, 0, 0)
    [lead] = stored(Lead)
    assert (lead.state, lead.closed_at) == ("NEW", None)
    assert [event.kind for event in stored(LeadEvent)] == ["add", "reopen"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"statuses": ["Junk=thrown:R6"]}, "“thrown” is no state of a lead."),
        ({"statuses": ["Junk=rejected:D1"]}, "“D1” is no reason for rejected. Codes that are: R1,"),
        ({"statuses": ["Junk"]}, "--status takes WORD=STATE"),
        ({"dates": ["%d-%m"]}, "--dates takes a form with day, month and year"),
        ({"mapping": ["won=b"]}, "There is no field “won”. Do you mean “"),
        ({"mapping": ["won_at=C"]}, "There is no column “C”"),
        ({"mapping": ["won_at"]}, "--map takes FIELD=COLUMN"),
        ({"mapping": ["won_at=b", "won_at=a"]}, "names the field won_at twice"),
        ({"workspace": "Acme"}, "Say which workspace is meant, with --workspace: none yet."),
    ],
)
@on_sqlite
async def test_what_the_command_line_says_wrongly_is_refused_before_anything_happens(imports, stored, options, why):
    given = {name: value for name, value in options.items() if name != "mapping"}
    mapping = options.get("mapping", ())
    with pytest.raises(UserError, match=why):
        await imports("key,a,b\n1,2,3\n", *mapping, **given)
    assert not stored(Lead)


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["2018-02-26 19:58:54"], "2018-02-26T19:58:54"),
        (["2018-02-26T19:58:54.123Z"], "2018-02-26T19:58:54.123"),
        (["2018-02-26T19:58:54+02:00"], "2018-02-26T17:58:54"),
        (["05/06/2018", "13/06/2018"], "2018-06-05T00:00:00"),
        (["05/06/2018", "06/13/2018"], "2018-05-06T00:00:00"),
        (["5.6.18", "31.12.18", "13.1.99"], "2018-06-05T00:00:00"),
        (["05/05/2018", "06/06/2018"], "2018-05-05T00:00:00"),
        (["2/26/2018 7:58 PM"], "2018-02-26T19:58:00"),
        (["Mon, 26 Feb 2018"], "2018-02-26T00:00:00"),
        (["Feb 26th, 2018 at 12:05 am"], "2018-02-26T00:05:00"),
        (["26-Feb-18"], "2018-02-26T00:00:00"),
        (["26. März 2018"], "2018-03-26T00:00:00"),
        (["26 de junio de 2018"], "2018-06-26T00:00:00"),
        (["2018-02-26 19:58:54+02"], "2018-02-26T17:58:54"),
        (["20180226"], "2018-02-26T00:00:00"),
        (["1519675134000"], "2018-02-26T19:58:54"),
        (["2018/2/6", "0000-00-00 00:00:00", "N/A"], "2018-02-06T00:00:00"),
    ],
)  # fmt: skip
async def test_the_form_of_dates_is_found_over_the_column(imports, stored, cells, read):
    text = "key;won at\n" + "".join(f"{n};{cell}\n" for n, cell in enumerate(cells))
    assert (await imports(text)).refused == 0
    assert stored(Lead)[0].closed_at == datetime.fromisoformat(read).replace(tzinfo=UTC)


async def test_a_column_that_can_be_read_in_two_ways_is_asked_about(imports, stored):
    text = "key,won_at\n1,05/05/2018\n2,05/06/2018\n"
    with pytest.raises(UserError) as caught:
        await imports(text)
    assert str(caught.value) == (
        "The column “won_at” (won_at) can be read in 2 ways: “05/06/2018” in line 3 is 5 June 2018 "
        "(--dates %d/%m/%Y) or 6 May 2018 (--dates %m/%d/%Y). Say which."
    )
    assert not stored(Lead)
    await imports(text, dates=["%m/%d/%Y"])
    assert stored(Lead)[1].closed_at == datetime(2018, 5, 6, tzinfo=UTC)
    report = await imports(text, dates=["won_at=%d-%m-%Y"])
    assert report.refused == 2
    with pytest.raises(UserError, match="written in two ways: “13/06/2018” in line 2, “06/13/2018” in line 3"):
        await imports("key,won_at\n1,13/06/2018\n2,06/13/2018\n")


@pytest.mark.parametrize(
    ("cells", "cents"),
    [
        (["1234"], 123_400),
        (["1,234"], 123_400),
        (["1.234"], 123_400),
        (["1.234", "0.5"], 123),
        (["1,234,567.89"], 123_456_789),
        (["1.234.567,8"], 123_456_780),
        (["12,34,567.00"], 123_456_700),
        (["€ 1 234,50"], 123_450),
        (["$12,000.00"], 1_200_000),
        (["1'234.50 CHF"], 123_450),
        (["1.2E+06"], 120_000_000),
        (["0"], 0),
        (["-", "5"], None),
    ],
)
@on_sqlite
async def test_amounts_are_read_with_their_column(imports, stored, cells, cents):
    text = "key;value\n" + "".join(f"{n};{cell}\n" for n, cell in enumerate(cells))
    report = await imports(text)
    assert report.shown == []
    assert stored(Lead)[0].value_cents == cents


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",Acme,,", "The row has no key."),
        ("#N/A,Acme,,", "key: the spreadsheet has an error there: #N/A."),
        ("1,#REF!,,", "company: the spreadsheet has an error there: #REF!."),
        ("1,#¡VALOR!,,", "company: the spreadsheet has an error there: #¡VALOR!."),
        ("1,Ac\ufffdme,,", "company: a letter of it is lost: �. If the file is not written"),
        ('1,"Acme "the best" Ltd",,', "A quoted cell ends in the middle of its text."),
        (
            '1,"Acme\n2,Beta,7,\n3,"Gamma",,',
            "A quoted cell that begins here ends in the middle of line 6: lines 4 to 6",
        ),
        ("1.23E+15,Acme,,", "key: a spreadsheet has shortened it to 1.23E+15. Format the column as text there, and"),
        ("1,Acme,12 apples,", "value: “12 apples” is no amount."),
        ("1,Acme,(12.00),", "value: the amount (12.00) is below zero."),
        ("1,Acme,1.2.3,", "value: “1.2.3” is no amount."),
        ("1,Acme,,26 jui 2018", "“26 jui 2018” in “won_at” is no date I can read."),
        ("1,Acme,,soon", "“soon” in “won_at” is no date I can read."),
        ("1,Acme,,31/31/2018", "“31/31/2018” in “won_at” is no date I can read."),
        ("1,Acme,,2018-02-26 25:00", "“2018-02-26 25:00” in “won_at” is no date I can read."),
        ("1,Acme,,2018-02-26 10:00 PST", "“2018-02-26 10:00 PST” in “won_at” is no date I can read."),
        ("key,company,value,won_at", "The row repeats the names of the columns."),
        ("1,Acme,,,more", "The row has 5 cells where there are 4 columns."),
        ("Confidential - do not distribute", "The row has one cell where there are 4 columns."),
        (f"1,{'x' * 201},,", "company: the text is longer than 200 characters."),
    ],
)
@on_sqlite
async def test_a_row_is_refused_with_its_line_and_the_reason(imports, stored, row, why):
    report = await imports(f"key,company,value,won_at\n\nfirst,,,\n{row}\nlast,,,\n")
    assert counts(report) == (2, 0, 0, 0, 1)
    [(line, sentence)] = report.shown
    assert (line, sentence[: len(why)]) == (4, why)
    assert [lead.key for lead in stored(Lead)] == ["first", "last"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
async def test_any_usual_encoding_and_delimiter_is_read(tmp_path, delimiter, encoding):
    path = tmp_path / "file.csv"
    lines = [delimiter.join(("Key", "Größe")), delimiter.join(('"Müller, Söhne"', '"two\r\nlines"')), ""]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    file = CsvFile(path)
    assert (file.columns, list(file.records())) == (["Key", "Größe"], [Record(2, ["Müller, Söhne", "two\r\nlines"])])
    assert list(file.records()) == list(file.records())
    file.close()


async def test_what_spreadsheets_do_to_texts_is_undone(imports, stored):
    text = (
        'sep=;\r\nKey;E-mail;Phone;Source;;\r\n="0012";\ufeff ana@example.com\xa0;\'+49 30 1;NULL;;\r\n'
        '"=HYPERLINK(""https://crm/7"",""7"")"; "mailto:Bo@x.com";tel:+49 30 2;(No value)\r\n'
    )
    report = await imports(text)
    assert counts(report) == (2, 0, 0, 0, 0)
    found = [(lead.key, lead.email, lead.phone, lead.source) for lead in stored(Lead)]
    assert found == [("0012", "ana@example.com", "+49 30 1", None), ("7", "Bo@x.com", "+49 30 2", None)]


async def test_rows_of_fewer_cells_than_columns_are_taken_and_said(imports):
    report = await imports("key,company,source\n1,Acme\n2,Beta,\n")
    assert (report.added, report.remarks) == (
        2,
        ["1 row has fewer cells than there are columns: what is missing counts as blank."],
    )


async def test_one_bad_letter_does_not_spoil_the_others_of_a_file(imports, stored):
    report = await imports("key,company\n1,Müller\n2,Straße\n".encode() + b"3,Soci\xe9t\n")
    assert (report.encoding, counts(report), report.shown[0][0]) == ("utf-8", (2, 0, 0, 0, 1), 4)
    assert [lead.company for lead in stored(Lead)] == ["Müller", "Straße"]
    with_mark = "“Été”\n".encode("cp1252")
    assert (await imports(b"key,company\n9," + with_mark)).encoding == "cp1252"


async def test_a_field_may_be_made_of_several_columns(imports, stored):
    text = "Record ID,First Name,Last Name,Day,Time,Opt+In\n1,Ana,Müller,2026-03-04,09:30,Web\n2,,Lee,2026-03-05,,\n"
    with pytest.raises(UserError, match=r'--map "key=Record ID" --map "contact=First Name\+Last Name"'):
        await imports(text)
    mapping = ("key=Record ID", "contact=First Name + Last Name", "handed_off_at=Day+Time", "source=Opt+In")
    assert (await imports(f"A report\n{text}", *mapping)).refused == 0
    ana, lee = stored(Lead)
    assert (ana.contact, ana.source, lee.contact) == ("Ana Müller", "Web", "Lee")
    assert ana.handed_off_at == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    with pytest.raises(UserError, match="There is no column “Surname”"):
        await imports(text, "key=Record ID", "contact=First Name+Surname")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04" + b"x" * 99, "is a zip archive or an Excel workbook, not a CSV file"),
        (b"\x7fELF\x02\x01\x00\x00" + bytes(99), "is a binary file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "is a binary file"),
        (b"<html><table><tr><td>Key", "is a web page or XML"),
        (b"company\nAcme\n", "Say which column tells leads apart: --map key=COLUMN. The columns are: company."),
        (b"key,E-mail,email\n", "The columns “E-mail” and “email” could all be email."),
        (b"key\n1\n" + b"x" * (LINE + 1), "Line 3 is longer than 1,000,000 characters"),
        (b'key,source\n1,"x\n2,y\n', "Line 2 opens a quotation mark that is never closed"),
        (b'key,source\n1,"' + b"x\n" * 90_000, "Line 2 opens a quotation mark that is never closed"),
        (b"key,source\n" + b'"a\n",' * 300_000, "What begins in line 2 is longer than 1,000,000 characters"),
        (b'key,"source"s\n1,x\n', "Line 1: A quoted cell ends in the middle of its text."),
    ],
    ids=range(12),
)
@on_sqlite
async def test_a_file_that_is_no_table_is_refused_and_nothing_is_changed(imports, stored, content, why):
    with pytest.raises(UserError) as caught:
        await imports(content)
    assert why in str(caught.value)
    assert not stored(Lead)


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("key\n" + "".join(f"{n}\n" for n in range(3000)))
    file = CsvFile(path)
    records = file.records()
    next(records)
    with path.open("a") as more:
        more.write("one more\n")
    with pytest.raises(UserError, match="changed while it was read"):
        list(records)
    file.close()


def test_what_can_be_read_only_once_is_refused():
    with pytest.raises(UserError, match="is no file that can be read twice"):
        CsvFile(Path("/dev/null"))


async def test_a_stray_character_that_no_text_has_is_left_out(imports, stored):
    assert counts(await imports(b"key,company\n1,Ac\0me\x07\n2,B\xc2\xa0 B\n")) == (2, 0, 0, 0, 0)
    assert [lead.company for lead in stored(Lead)] == ["Acme", "B B"]


@pytest.mark.parametrize("change", ["truncated", "replaced by another", "written anew"])
def test_whatever_becomes_of_the_file_nothing_is_half_read(tmp_path, change):
    path = tmp_path / "file.csv"
    path.write_text("key\n" + "".join(f"{n}\n" for n in range(3000)))
    file = CsvFile(path)
    records = file.records()
    next(records)
    if change == "replaced by another":  # the one that was opened is still there
        (tmp_path / "other").write_text("key\nother\n")
        (tmp_path / "other").rename(path)
        assert len(list(records)) == 2999
    else:
        path.write_text("key\n1\n" if change == "truncated" else path.read_text())
        with pytest.raises(UserError, match="changed while it was read"):
            list(records)
    file.close()


async def test_owners_are_found_among_the_members_and_the_others_are_said(database_url, imports, stored):
    database = await Database(database_url).start()

    def prepare(session):
        workspace = install(session, Workspace(platform="slack", external_id="T1", name="Acme", installed_at=NOW))
        session.add(Member(workspace_id=workspace.id, external_id="U1", name="Ana", email="ANA@x.com", verified_at=NOW))

    await database.write(prepare)
    await database.close()
    report = await imports("key,owner\n1,ana\n2,Ana@X.com\n3,Eve\n4,Eve\n5,\n")
    assert [lead.owner_id for lead in stored(Lead)] == [1, 1, None, None, None]
    assert report.remarks == [
        "2 rows name an owner who is no member known to Parley, such as Eve: the owner was left out."
    ]
    assert report.workspace == "Acme"


async def test_the_first_installation_adopts_what_was_imported_before(database_url, imports):
    assert (await imports("key\n1\n")).workspace == "local"
    database = await Database(database_url).start()
    for n in (1, 2):
        row = Workspace(platform="slack", external_id=f"T{n}", name=f"Acme {n}", installed_at=NOW)
        await database.write(lambda session, row=row: install(session, row).id)
    found = await database.read(lambda session: [(w.external_id, w.name) for w in installed_workspaces(session)])
    await database.close()
    assert found == [("T1", "Acme 1"), ("T2", "Acme 2")]
    assert (await imports("key\n1\n", workspace="acme 1")).unchanged == 1


async def test_the_process_says_what_it_left_out(database_url, tmp_path):
    path, left = tmp_path / "file.csv", tmp_path / "left.csv"
    path.write_text("key,status\n" + "".join(f"{n},odd\n" for n in range(30)))
    code, said = await finished({"DATABASE_URL": database_url}, "leads", "import", str(path), "--report", str(left))
    assert code == 1
    assert "and 10 more" in said
    assert "30 rows read as utf-8 into local: 0 added, 0 changed, 0 unchanged, 0 repeated, 30 refused" in said
    assert len(left.read_text().splitlines()) == 31
    code, said = await finished({"DATABASE_URL": database_url}, "leads", "import", str(path), "--report", str(path))
    assert (code, "would overwrite" in said, len(path.read_text().splitlines())) == (2, True, 31)
    code, said = await finished({"DATABASE_URL": database_url}, "leads", "import", f"{path}.gone")
    assert (code, "No such file" in said) == (2, True)
