from goldsmith.core import errors
from goldsmith.core.errors import GoldsmithError


def every_error(base: type[GoldsmithError] = GoldsmithError) -> list[type[GoldsmithError]]:
    return [base, *(error for child in base.__subclasses__() for error in every_error(child))]


def test_each_error_has_a_code_of_its_own_a_status_and_a_line_in_the_drawing() -> None:
    drawn = errors.__doc__ or ""
    leaves = [error for error in every_error() if error.__module__ == "goldsmith.core.errors"]
    codes = [error.code for error in leaves]
    assert len(set(codes)) == len(codes)
    for error in leaves:
        assert error.__name__ in drawn
        assert 400 <= error.status < 600
        assert error.__doc__


def test_a_missing_extra_says_how_to_get_it() -> None:
    error = errors.MissingExtraError("torch", extra="train")
    assert "pip install 'goldsmith[train]'" in error.detail
