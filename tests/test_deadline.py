"""A call to a platform ends in time, and in an error of ours."""

import asyncio

import pytest

from bot.deadline import within_deadline
from bot.errors import DeliveryError, StoreError


async def breaks() -> None:
    raise RuntimeError("oh")


async def test_what_comes_in_time_is_handed_on() -> None:
    assert await within_deadline(asyncio.sleep(0, "done"), "ambiguous") == "done"


async def test_a_mistake_of_ours_is_an_error_of_delivery() -> None:
    with pytest.raises(DeliveryError, match="RuntimeError: oh") as caught:
        await within_deadline(breaks(), "temporary")
    assert caught.value.fault == "temporary"
    with pytest.raises(DeliveryError) as caught:
        await within_deadline(breaks(), "ambiguous", broken="payload")
    assert caught.value.fault == "payload"


@pytest.mark.parametrize("error", [DeliveryError("no", fault="busy"), StoreError("full"), asyncio.CancelledError()])
async def test_what_is_ours_already_goes_on_up_as_it_is(error: BaseException) -> None:
    async def fails() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await within_deadline(fails(), "ambiguous")
    assert caught.value is error


async def test_what_never_ends_is_unclear() -> None:
    with pytest.raises(DeliveryError, match="no answer") as caught:
        await within_deadline(asyncio.Event().wait(), "ambiguous", broken="payload", seconds=0.01)
    assert caught.value.fault == "ambiguous"
