"""Payloads of Laravel 8 to 13 become tasks with arguments; what cannot be is told apart: unknown, or undecodable."""

import json
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.bridge.payload import READERS, Decoded, Meaning, RowHistory, Undecodable, Unknown, decode, decode_head
from paranad.php import PhpEnum, write
from paranad.queue.model import Request
from paranad.said import plain
from tests.support.payloads import HANDLER, UUID, Sample, create_shipment, payload_of, sample, samples

BAGHDAD = ZoneInfo("Asia/Baghdad")
SYNC = "App\\Jobs\\SyncAlWaseetOrdersJob"
PROCESS = "App\\Jobs\\ProcessAlWaseetQueueJob"
LISTENER = "App\\Listeners\\CreateAlWaseetShipmentListener"


def meaning(payload: str | bytes, *, tried: bool = False) -> Meaning:
    return decode(payload.encode() if isinstance(payload, str) else payload, zone=BAGHDAD, past=RowHistory(tried=tried))


def args(payload: str, *, tried: bool = False) -> object:
    decoded = meaning(payload, tried=tried)
    assert isinstance(decoded, Decoded), decoded
    return decoded.request.args


def why(payload: str) -> str:
    undecodable = meaning(payload)
    assert isinstance(undecodable, Undecodable), undecodable
    return undecodable.reason.text


def job(name: str, **properties: str) -> str:
    """Return a payload whose object has protected *properties*, each already serialized."""
    written = "".join(f"{write(f'{chr(0)}*{chr(0)}{key}')}{value}" for key, value in properties.items())
    return payload_of(name, f'O:{len(name)}:"{name}":{len(properties)}:{{{written}}}')


def date(text: str, kind: int, zone: str, name: str = "Illuminate\\Support\\Carbon") -> str:
    values = f"{write('date')}{write(text)}{write('timezone_type')}i:{kind};{write('timezone')}{write(zone)}"
    return f'O:{len(name)}:"{name}":3:{{{values}}}'


def test_what_real_shops_wrote_is_decoded() -> None:
    read = {each.name: meaning(each.payload) for each in samples()}
    assert {each.name: Decoded(each.uuid, Request(each.task, each.args)) for each in samples()} == read


def test_samples_show_every_class() -> None:
    shown = {json.loads(each.payload)["displayName"] for each in samples()}
    assert set(READERS) == shown


@pytest.mark.parametrize("name", ["laravel_11.create_shipment.plain", "laravel_8.listener.order_created"])
def test_row_that_a_php_worker_has_had_begins_as_unclear(name: str) -> None:
    assert {"order_id": 41, "tried_elsewhere": True} == args(sample(name).payload, tried=True)


def test_wrapped_create_shipment_that_a_php_worker_has_had_says_so_too() -> None:
    tried = args(sample("laravel_11.process_queue.create_shipment").payload, tried=True)
    assert {"job_type": "create_shipment", "job_data": {"order_id": 41}, "tried_elsewhere": True} == tried


NEEDLESS = st.one_of(
    st.just(write(PhpEnum("App\\Enums\\Kind", "Paid"))),
    st.sampled_from(["r:1;", "R:1;", "R:2;", "r:2;"]),
    st.text('}"{;:۷\0', max_size=9).map(lambda held: f'C:9:"App\\Money":{len(held.encode())}:{{{held}}}'),
    st.just('a:2:{i:0;O:8:"stdClass":0:{}i:1;d:INF;}'),
)


@given(st.sampled_from(samples()), st.lists(NEEDLESS, min_size=1, max_size=5))
@settings(max_examples=100)
def test_properties_that_nobody_needs_may_hold_anything(each: Sample, values: list[str]) -> None:
    assert Decoded(each.uuid, Request(each.task, each.args)) == meaning(
        with_properties(each.payload, ["i:5;", *values])
    )


def with_properties(payload: str, values: list[str]) -> str:
    """Return *payload* with further properties at the end of its object."""
    whole = json.loads(payload)
    head, count, rest = re.split(r":(\d+):(?=\{)", whole["data"]["command"], maxsplit=1)
    more = "".join(write(f"\0*\0further{at}") + value for at, value in enumerate(values))
    whole["data"]["command"] = f"{head}:{int(count) + len(values)}:{rest[:-1]}{more}}}"
    return json.dumps(whole, ensure_ascii=False)


def test_order_that_stands_in_another_property_too_is_found_by_either() -> None:
    assert {"order_id": 41} == args(create_shipment(41, more='s:5:"again";r:2;', count=2))
    first = create_shipment(41).replace('{s:5:\\"order\\";', '{s:5:\\"first\\";')
    assert {"order_id": 41} == args(first.replace('Job\\":1:', 'Job\\":2:').replace('}}"', '}s:5:\\"order\\";r:2;}"'))


def test_entries_of_the_data_that_no_job_reads_may_hold_anything() -> None:
    entries = 's:8:"order_id";i:41;s:4:"kind";E:13:"App\\Kind:Paid";s:4:"rate";d:INF;s:4:"self";r:1;'
    decoded = args(job(PROCESS, jobType=write("create_shipment"), jobData=f"a:4:{{{entries}}}"))
    assert {"job_type": "create_shipment", "job_data": {"order_id": 41}} == decoded


def test_id_written_as_text_is_the_number() -> None:
    assert {"order_id": 41} == args(create_shipment("41"))


@pytest.mark.parametrize("nothing", ['s:1:"0";', "i:0;", "b:0;", "d:0;", "a:0:{}", 's:0:"";'])
def test_filter_that_php_takes_for_false_is_none(nothing: str) -> None:
    assert {"status_id": None, "date_from": None, "date_to": None} == args(job(SYNC, statusId=nothing))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (date("2026-08-01 00:00:00.000000", 3, "Asia/Baghdad"), "2026-08-01"),
        (date("2026-07-31 22:00:00.000000", 3, "UTC", "Carbon\\CarbonImmutable"), "2026-08-01"),
        (date("2026-07-31 22:00:00.000000", 2, "UTC", "DateTime"), "2026-08-01"),
        (date("2026-08-01 00:30:00.000000", 1, "+05:00", "DateTimeImmutable"), "2026-07-31"),
        (write("2026-08-01"), "2026-08-01"),
        (write("2026-08-01 10:20:30"), "2026-08-01"),
        (write("soon"), "soon"),
    ],
)
def test_date_is_the_day_on_the_shop_s_calendar(written: str, day: str) -> None:
    assert {"status_id": None, "date_from": day, "date_to": None} == args(job(SYNC, dateFrom=written))


@pytest.mark.parametrize(
    "written",
    [
        date("not a date", 3, "UTC"),
        date("2026-08-01 00:00:00", 3, "Nowhere/Land"),
        date("2026-08-01 00:00:00", 3, "../../etc/passwd"),
        date("2026-08-01 00:00:00", 3, "Asia"),
        date("2026-08-01 00:00:00", 2, "XYZ"),
        date("2026-08-01 00:00:00", 9, "UTC"),
        date("0001-01-01 00:00:00", 1, "+14:00"),
        date("2026-08-01 00:00:00", 3, "UTC", "App\\Models\\Date"),
        'O:13:"Carbon\\Carbon":0:{}',
    ],
)
def test_date_that_cannot_be_read_is_undecodable(written: str) -> None:
    assert "expected a date" in why(job(SYNC, dateFrom=written))


def test_php_array_is_a_list_where_its_keys_count() -> None:
    data = write({"list": {0: 1, 1: 2}, "map": {1: 1}, "empty": {}, "day": None}).replace(
        "N;}", date("2026-08-01 00:00:00", 3, "UTC") + "}"
    )
    decoded = args(job(PROCESS, jobType=write("sync_orders"), jobData=data))
    assert {
        "job_type": "sync_orders",
        "job_data": {"list": [1, 2], "map": {"1": 1}, "empty": [], "day": "2026-08-01"},
    } == decoded


@pytest.mark.parametrize("payload", ["", "{", "null", "[]", '"text"', "\x00\x01", "{}" * 2, "NaN", "[" * 100_000])
def test_payload_without_a_class_is_unknown(payload: str) -> None:
    unknown = meaning(payload)
    assert isinstance(unknown, Unknown)
    assert unknown.name is None


def test_payload_that_is_no_text_is_unknown() -> None:
    assert isinstance(meaning(b"\xff\xfe\x00"), Unknown)


@pytest.mark.parametrize(
    "payload",
    [
        payload_of("App\\Jobs\\SendNewsletter", 'O:23:"App\\Jobs\\SendNewsletter":0:{}'),
        payload_of("Illuminate\\Events\\CallQueuedListener", "", displayName="App\\Listeners\\SendMail"),
        payload_of(SYNC, "", job="App\\Handlers\\Other@call"),
    ],
)
def test_class_that_is_not_known_is_left_with_its_name(payload: str) -> None:
    unknown = meaning(payload)
    assert isinstance(unknown, Unknown)
    assert unknown.name in {"App\\Jobs\\SendNewsletter", "App\\Listeners\\SendMail", SYNC}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (create_shipment(41)[:-30], "not JSON"),
        (payload_of(SYNC, "eyJpdiI6Ik9uIn0="), "encrypted"),
        (payload_of(SYNC, ""), "encrypted"),
        (payload_of(SYNC, 'O:30:"App\\Jobs\\SyncAlWaseetOrdersJob":1:{'), "byte 41"),
        (
            payload_of(SYNC, 'O:27:"App\\Jobs\\UpdateStatusCounts":0:{}'),
            f"expected a {SYNC.replace(chr(92), chr(92) * 2)}",
        ),
        (payload_of(SYNC, 5), "expected a text"),  # type: ignore[arg-type]
        (payload_of(SYNC, "", data="text"), "expected a text"),
        (job(SYNC, statusId="R:1;"), "statusId: expected a text or a number, got a reference to what it stands in"),
        (job(SYNC, statusId='E:10:"Status:New";'), "statusId: expected a text or a number, got an enum"),
        (job(SYNC, dateFrom='C:3:"Day":0:{}'), "dateFrom: .*, got an object that serializes itself"),
        (job(PROCESS, jobType=write("x"), jobData='a:1:{s:8:"order_id";r:1;}'), "got a reference to what it stands in"),
        (job(SYNC, statusId='a:1:{i:0;s:1:"4";}'), "statusId: expected a text or a number, got a list"),
        (job(SYNC, chained='a:1:{i:0;s:1:"x";}'), "chain"),
        (job(SYNC, batchId='s:1:"x";'), "batch"),
        (job(PROCESS, jobData="N;"), "jobType: expected a text, got nothing"),
        (job(PROCESS, jobType=write("x"), jobData="d:INF;"), "infinite"),
        (job("App\\Jobs\\CreateAlWaseetShipmentJob"), "order: expected a Illuminate"),
        (create_shipment(41).replace("Models\\\\Order", "Models\\\\Thing"), "App.*Order"),
        (create_shipment("4a"), "expected the id of one App.*Order, got a text"),
        (sample("laravel_11.listener.order_created").payload.replace("handle", "hondle"), "got another one"),
        (sample("laravel_11.listener.order_created").payload.replace("OrderCreated", "OrderDeleted"), "OrderCreated"),
    ],
)
def test_known_class_that_cannot_be_decoded_says_why(payload: str, reason: str) -> None:
    undecodable = meaning(payload)
    assert isinstance(undecodable, Undecodable), undecodable
    assert re.search(reason, undecodable.reason.text), undecodable.reason
    assert undecodable.name in READERS


def test_payload_that_is_not_read_whole_is_known_by_its_beginning() -> None:
    reason = plain("too long")
    expected = Undecodable(UUID, "App\\Jobs\\CreateAlWaseetShipmentJob", reason)
    assert expected == decode_head(create_shipment(41).encode()[:120], reason)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_no_payload_makes_it_do_anything_but_answer(raw: bytes) -> None:
    assert isinstance(meaning(raw), Decoded | Undecodable | Unknown)


@given(st.sampled_from([each.payload for each in samples()]), st.data())
@settings(max_examples=100)
def test_no_damage_to_a_payload_makes_it_do_anything_but_answer(payload: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(payload)))
    damaged = payload[:start] + data.draw(st.text(max_size=3)) + payload[start + data.draw(st.integers(0, 5)) :]
    assert isinstance(meaning(damaged.encode("utf-8", "replace")), Decoded | Undecodable | Unknown)


@given(st.sampled_from(sorted(READERS)), st.text(max_size=100))
@settings(max_examples=100)
def test_no_command_makes_it_do_anything_but_answer(name: str, command: str) -> None:
    payload = json.dumps(
        {"displayName": name, "job": HANDLER, "data": {"commandName": name, "command": "O:" + command}}
    )
    assert isinstance(meaning(payload), Undecodable | Unknown)
