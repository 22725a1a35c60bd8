"""The documentation says what the table says."""

from tests.matrix.documenting import PAGE, page


def test_the_page_about_permissions_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.matrix.documenting"
