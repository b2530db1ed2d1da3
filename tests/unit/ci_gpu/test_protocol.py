"""What the measured child says is believed only when it is well formed and in order."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_gpu import protocol
from ci_gpu.protocol import Conversation, ProtocolError, decode, encode

SAMPLE = {
    "point": "a",
    "wall_ns": 10.0,
    "cpu_ns": 9,
    "device_ns": None,
    "sentinel_ns": 5.0,
    "sentinel_wall_ns": 5.0,
    "iterations": 100,
    "warmups": 3,
    "steady": True,
    "durations_ns": [10, 11],
    "spread": 0.01,
    "skew": None,
    "flops": 2,
    "bytes": 12,
    "roofline_fraction": None,
    "roofline_valid": False,
    "error": 1e-7,
    "peak_memory_bytes": None,
    "host_ns": None,
    "telemetry": None,
}
HELLO = encode("hello", fingerprint={})


def start(point: str) -> bytes:
    return encode("start", point=point)


def sample(point: str) -> bytes:
    return encode("sample", **{**SAMPLE, "point": point})


def test_what_was_encoded_is_decoded():
    assert decode(sample("a")) == {"protocol": 1, "kind": "sample", **SAMPLE}


def test_a_message_is_one_line():
    line = encode("failure", point="a", reason="error", message="two\nlines")
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Intel MKL WARNING: something\n",
        b'{"protocol": 1, "kind": "sample", "poi',
        b"[]\n",
        b"1\n",
        b"\xff\xfe\n",
        b'{"kind": "start", "point": "a"}\n',
        b'{"protocol": 2, "kind": "start", "point": "a"}\n',
        b'{"protocol": 1, "kind": "goodbye"}\n',
        b'{"protocol": 1, "kind": ["start"]}\n',
        b'{"protocol": 1, "kind": "start"}\n',
        b'{"protocol": 1, "kind": "start", "point": 7}\n',
        b'{"protocol": 1, "kind": "failure", "point": "a", "reason": "bored", "message": ""}\n',
        b'{"protocol": 1, "kind": "done", "seconds": NaN}\n',
        b'{"protocol": 1, "kind": "done", "seconds": 1e999}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_anything_else_is_refused(line):
    with pytest.raises(ProtocolError):
        decode(line)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wall_ns", 0),
        ("wall_ns", -1.0),
        ("cpu_ns", None),
        ("iterations", 1.5),
        ("iterations", True),
        ("steady", 1),
        ("durations_ns", ["10"]),
        ("durations_ns", [True]),
        ("error", "small"),
        ("telemetry", []),
        ("wall_ns", 1e-320),
        ("wall_ns", 1e19),
        ("sentinel_ns", 10**400),
        ("durations_ns", [-1]),
        ("durations_ns", [10**400]),
        ("spread", -0.1),
        ("error", -1e-9),
        ("flops", -1),
        ("peak_memory_bytes", 2**63),
        ("telemetry", {"after": {"power_mw": 2**63}}),
        ("telemetry", {"after": {"throttle_reasons": ["a\0"]}}),
        ("telemetry", {"\udc80": 1}),
        ("more", "a\0b"),
        ("more", -(2**63)),
    ],
)
def test_a_sample_with_a_wrong_field_is_refused(field, value):
    line = json.dumps({"protocol": 1, "kind": "sample", **SAMPLE, field: value}).encode()
    with pytest.raises(ProtocolError, match=field):
        decode(line)


def test_the_largest_number_that_a_column_holds_is_one():
    assert decode(encode("sample", **{**SAMPLE, "peak_memory_bytes": 2**63 - 1}))["peak_memory_bytes"] == 2**63 - 1


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfffb"])
@pytest.mark.parametrize("field", ["message", "more", "a\0"])
def test_a_text_that_no_database_holds_is_refused(field, text):
    fields = {"point": "a", "reason": "error", "message": "m", field: text}
    line = json.dumps({"protocol": 1, "kind": "failure", **fields}).encode()
    with pytest.raises(ProtocolError, match="cannot be kept") as refused:
        decode(line)
    assert protocol.clean(str(refused.value)) == str(refused.value)


def test_what_was_cleaned_is_accepted_and_the_rest_stays():
    message = protocol.clean("na\0me \ud800 – 😀")
    assert message == "na\ufffdme \ufffd – 😀"
    assert decode(encode("failure", point="a", reason="error", message=message))["message"] == message


@pytest.mark.parametrize("depth", [40, 800])
def test_what_is_nested_too_deeply_is_refused(depth):
    deep = b'{"protocol": 1, "kind": "hello", "fingerprint": {"x": ' + b"[" * depth + b"]" * depth + b"}}"
    with pytest.raises(ProtocolError, match="nested"):
        decode(deep)


@pytest.mark.parametrize("more", [{"durations_ns": 5}, {"wall_ns": "x"}, {"reason": []}, {"seconds": "long"}])
def test_another_messages_fields_are_ignored(more):
    assert decode(encode("start", point="a", **more))["point"] == "a"


@pytest.mark.parametrize("field", SAMPLE)
def test_a_sample_that_lacks_a_field_is_refused(field):
    fields = {name: value for name, value in SAMPLE.items() if name != field}
    with pytest.raises(ProtocolError, match=field):
        decode(encode("sample", **fields))


def test_a_number_that_json_cannot_hold_is_never_sent():
    with pytest.raises(ValueError, match="JSON"):
        encode("done", seconds=float("inf"))


@given(st.binary(max_size=200))
def test_no_bytes_at_all_break_the_reader(line):
    try:
        message = decode(line)
    except ProtocolError:
        return
    assert message["protocol"] == protocol.VERSION


def hear(points, *lines):
    conversation = Conversation(points)
    for line in lines:
        conversation.hear(line)
    return conversation


def test_a_whole_conversation():
    failure = encode("failure", point="b", reason="error", message="m")
    conversation = hear(["a", "b"], HELLO, start("a"), sample("a"), start("b"), failure, encode("done", seconds=1.0))
    assert conversation.finished


def test_it_knows_where_the_child_is():
    assert hear(["a", "b"], HELLO, start("a")).current == "a"
    assert hear(["a", "b"], HELLO, start("a"), sample("a")).current is None


DONE = encode("done", seconds=1.0)


@pytest.mark.parametrize(
    "lines",
    [
        [start("a")],
        [HELLO, HELLO],
        [HELLO, sample("a")],
        [HELLO, start("b")],
        [HELLO, start("a"), start("b")],
        [HELLO, start("a"), sample("b")],
        [HELLO, start("a"), sample("a"), sample("a")],
        [HELLO, start("a"), sample("a"), start("a")],
        [HELLO, start("a"), sample("a"), DONE],
        [HELLO, start("a"), DONE],
        [HELLO, start("a"), sample("a"), start("b"), sample("b"), DONE, DONE],
        [DONE],
    ],
)
def test_what_is_out_of_order_is_refused(lines):
    with pytest.raises(ProtocolError, match=r"order|second"):
        hear(["a", "b"], *lines)
