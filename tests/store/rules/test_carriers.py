"""Which carrier a parcel is with, and where it is followed."""

import pytest

from store.rules.carriers import carriers, parcel_url


@pytest.mark.parametrize(
    ("name", "number", "part"),
    [
        ("顺丰", "SF1234567890123", "sf-express.com"),
        ("顺丰速运 次日达", "SF1234567890123", "SF1234567890123"),
        (None, "sf1234567890123", "SF1234567890123"),
        ("DHL Express", "1234567890", "dhl.com"),
        (None, "1Z999AA10123456784", "ups.com"),
        ("中通", "75312345678901", "zto.com"),
    ],
)
def test_a_parcel_is_followed_at_its_carrier(name, number, part):
    assert part in (parcel_url(name, number) or "")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("自提", "京A12345"),
        (None, "12345678"),
        ("货拉拉", "12345678"),
        ("顺丰", ""),
        ("顺丰", "<script>alert(1)</script>"),
        (None, None),
    ],
)
def test_what_nobody_knows_has_no_address(name, number):
    assert parcel_url(name, number) is None


def test_every_address_is_https_and_takes_the_number():
    assert all(
        one["url"] == "" or (one["url"].startswith("https://") and "{n}" in one["url"]) for one in carriers().values()
    )
