"""Data files are parsed once, and never answered from what has been changed, cut short or taken away."""

from datetime import date

from store.datafiles import read_data, worked_out


def test_what_was_worked_out_is_read_back_until_a_source_changes(tmp_path) -> None:
    source, built = tmp_path / "words.yaml", []

    def build() -> dict[str, frozenset[str]]:
        built.append(source.read_text("utf-8"))
        return {"词": frozenset({"order", built[-1]})}

    def table() -> object:
        return worked_out(tmp_path / "table", [source], build)

    source.write_text("a: 1", "utf-8")
    assert table() == table() == {"词": frozenset({"order", "a: 1"})}
    assert built == ["a: 1"]
    source.write_text("a: 2", "utf-8")
    assert table() == {"词": frozenset({"order", "a: 2"})}
    assert built == ["a: 1", "a: 2"]


def test_a_kept_table_that_was_cut_short_is_built_anew(tmp_path) -> None:
    source = tmp_path / "words.yaml"
    source.write_text("greeting: [你好, hello]\nwide: true\n", "utf-8")
    expected = {"greeting": ["你好", "hello"], "wide": True}
    assert read_data(str(tmp_path / "module.py"), "words.yaml") == expected
    (kept,) = tmp_path.glob("__pycache__/*.kept")
    whole = kept.read_bytes()
    for length in range(0, len(whole), 7):
        kept.write_bytes(whole[:length])
        assert read_data(str(tmp_path / "module.py"), "words.yaml") == expected
        assert kept.read_bytes() == whole


def test_where_nothing_can_be_kept_files_are_read_all_the_same(tmp_path) -> None:
    (tmp_path / "__pycache__").write_text("a file where the folder would be", "utf-8")
    (tmp_path / "days.yaml").write_text("first: 2026-11-30\n", "utf-8")
    assert read_data(str(tmp_path / "module.py"), "days.yaml") == {"first": date(2026, 11, 30)}
    (tmp_path / "__pycache__").unlink()
    assert read_data(str(tmp_path / "module.py"), "days.yaml") == {"first": date(2026, 11, 30)}
    assert not list(tmp_path.glob("__pycache__/*"))  # a day is no plain value: never kept, never half written
