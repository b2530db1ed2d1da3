"""The grammar of specifications: what is one bundle, and what is refused with which advice."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks_runner.bundles.specification import (
    LONGEST,
    LONGEST_NAME,
    LONGEST_TITLE,
    LONGEST_VERSION,
    SpecificationError,
    parse,
)
from benchmarks_runner.bundles.variables import crippling_note, refusal
from benchmarks_runner.models import Build

CANONICAL = [
    ("torch==2.13.0", "torch==2.13.0"),
    ("torch==2.13.0,ATEN_CPU_CAPABILITY=default", "torch==2.13.0,ATEN_CPU_CAPABILITY=default"),
    ("  Torch == 2.13 ", "torch==2.13.0"),
    ("torch==2.13.0.0", "torch==2.13.0"),
    ("torch==2.13.0+CPU", "torch==2.13.0+cpu"),
    ("torch==v2.14.0.rc1", "torch==2.14.0rc1"),
    ("torch==2.15.0.dev20261101+cu130", "torch==2.15.0.dev20261101+cu130"),
    ("a==2!2", "a==2!2.0.0"),
    ("a==1.2.3.4", "a==1.2.3.4"),
    ("a==2rc2", "a==2.0.0rc2"),
    ("B=2,numpy==2.4.6,A=1,Jax[Cuda12,k8s]==0.9.1", "jax[cuda12,k8s]==0.9.1,numpy==2.4.6,A=1,B=2"),
    ("jax[k8s,cuda12]==0.9.1", "jax[cuda12,k8s]==0.9.1"),
    ("typing_extensions==4.16.0", "typing-extensions==4.16.0"),
    ('a==1.0.0,X="1,2"', 'a==1.0.0,X="1,2"'),
    ('a==1.0.0,X="1"', "a==1.0.0,X=1"),
    ('a==1.0.0,X="say ""no"""', 'a==1.0.0,X="say ""no"""'),
    ("a==1.0.0,X=", "a==1.0.0,X="),
    ("a==1.0.0,X=b=c", "a==1.0.0,X=b=c"),
    ("a==1.0.0,X==b", None),
]


@pytest.mark.parametrize(("written", "canonical"), CANONICAL)
def test_equal_requests_have_one_form(written, canonical):
    if canonical is None:
        # Two equal signs pin a package, whatever its name's case, and "b" is no version.
        with pytest.raises(SpecificationError):
            parse(written)
    else:
        assert parse(written).canonical == canonical
        assert parse(canonical).canonical == canonical


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("", "write torch==2.13.0"),
        ("A=1", "names at least one package"),
        ("torch", "write torch==VERSION"),
        ("torch>=2.13", "write torch==2.13"),
        ("torch==2.*", "write torch==2"),
        ("torch===2.13.0", "write torch==2.13.0"),
        ("torch>=2,<3", "write torch==2"),
        ("torch=2.13.0", "torch==2.13.0"),
        ("torch==2.13.0,,A=1", "one comma between two items"),
        ("torch==2.13.0,", "one comma between two items"),
        ("torch==2.13.0,torch==2.13.0", "torch is named twice"),
        ("torch==2.13.0,Torch==2.12.0", "torch is named twice"),
        ("torch==2.13.0,A=1,A=1", "A is named twice"),
        ("torch==2.13.0,path=x", "a variable is upper-case"),
        ("torch @ https://example.org/t.whl", "write package==version"),
        ("https://example.org/t.whl", "write package==version"),
        ("git+https://example.org/t", "write package==version"),
        ("torch==2.13.0,--index-url=https://example.org/simple", "pip's own configuration"),
        ("torch==2.13.0,--pre", "pip's own configuration"),
        ("-r x.txt", "pip's own configuration"),
        ("./torch.whl", "PIP_FIND_LINKS"),
        ("/srv/torch-2.13.0-py3-none-any.whl", "PIP_FIND_LINKS"),
        ("torch-2.13.0-py3-none-any.whl", "PIP_FIND_LINKS"),
        ("torch==2.13.0; python_version > '3'", "after the semicolon"),
        ("torch==2.13.0,PYTHONPATH=/x", "changes what the interpreter finds"),
        ("torch==2.13.0,LD_PRELOAD=/x", "put the library into a wheel"),
        ("torch==2.13.0,LD_LIBRARY_PATH=/x", "put the library into a wheel"),
        ("torch==2.13.0,PATH=/x", "its own path"),
        ("torch==2.13.0,PIP_INDEX_URL=x", "where the worker is started"),
        ("torch==2.13.0,CUDA_VISIBLE_DEVICES=0", "the night's device"),
        ("torch==2.13.0,DJANGO_SETTINGS_MODULE=x", "belongs to the site"),
        ('torch==2.13.0,A="x', "a quote is left open"),
        ('torch==2.13.0,A=x"y"', "whole value in quotes"),
        ('torch==2.13.0,A="x"y"z"', "a quote inside is written twice"),
        ("torch==2.13.0\nA=1", "one line"),
        ("torch==2.13.0,A=\x00", "one line"),
        ("torch==nonsense", "neither package==version nor"),
        ("rm -rf /==1", "neither package==version nor"),
        ("a" * LONGEST + "==1", "at most 1000 characters"),
        (",".join(f"a{number}==1" for number in range(120)), "versions written out has at most 1000"),
        ("a" * (LONGEST_NAME + 1) + "==1", "a package's name has at most 60 characters, this one has 61"),
        ("a==1." + "9" * LONGEST_VERSION, "a version has at most 80 characters"),
        ("torch==2.13.0,A=\ud800", "ASCII characters, without control characters: take out '\\ud800'"),
        ("torch==2.13.0,A=\u00fc", "take out '\\xfc'"),
    ],
)
def test_what_cannot_be_a_bundle_is_refused_in_one_line_with_advice(written, advice):
    with pytest.raises(SpecificationError) as refused:
        parse(written)
    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
VERSIONS = st.tuples(*[st.integers(0, 99)] * 3).map(lambda numbers: ".".join(map(str, numbers)))
VARIABLES = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True).filter(lambda name: refusal(name) is None)
VALUES = st.text(string.ascii_letters + string.digits + ' ,"=-+:/[];', max_size=12)


def written_value(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


# No deadline: a loaded machine is no failure.
@settings(deadline=None)
@given(
    st.dictionaries(NAMES, VERSIONS, min_size=1, max_size=4),
    st.dictionaries(VARIABLES, VALUES, max_size=4),
    st.randoms(),
)
def test_order_does_not_matter_and_nothing_is_lost(packages, variables, random):
    items = [f"{name}=={version}" for name, version in packages.items()]
    items += [f"{name}={written_value(value)}" for name, value in variables.items()]
    random.shuffle(items)
    read = parse(",".join(items))
    assert dict(read.variables) == variables
    assert set(read.requirements) == {f"{name}=={version}" for name, version in packages.items()}
    assert parse(read.canonical) == read
    assert len(read.title) <= LONGEST_TITLE


# No deadline: a loaded machine is no failure.
@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        read = parse(text)
    except SpecificationError:
        return
    assert parse(read.canonical) == read


def test_the_framework_is_named_before_what_comes_with_it():
    read = parse("numpy==2.4.6,torch==2.13.0,ATEN_CPU_CAPABILITY=default")
    assert read.framework == ("torch", "2.13.0")
    assert read.title == "torch 2.13.0, numpy 2.4.6, ATEN_CPU_CAPABILITY=default"


def test_what_a_title_leaves_out_is_nothing_that_tells_two_bundles_apart():
    assert parse("jax[k8s,cuda12]==0.9.1").title == "jax[cuda12,k8s] 0.9.1"
    assert parse('a==1,A="1, B=2"').title == 'a 1.0.0, A="1, B=2"'


# Few names and the characters that titles are written with: collisions, if there are any, are likely.
FEW_SPECIFICATIONS = st.tuples(
    st.sampled_from(["a==1", "a[b]==1", "a[c]==1", "a==1,b==1", "torch==1,a==1", "a[b,c]==1"]),
    st.dictionaries(st.sampled_from("AB"), st.text('AB=1, "[]', max_size=8), max_size=2),
).map(lambda parts: ",".join([parts[0], *(f"{name}={written_value(value)}" for name, value in parts[1].items())]))


# No deadline: a loaded machine is no failure.
@settings(deadline=None, max_examples=500)
@given(FEW_SPECIFICATIONS, FEW_SPECIFICATIONS)
def test_two_bundles_never_share_a_title(one, other):
    assert (parse(one).title == parse(other).title) == (parse(one).canonical == parse(other).canonical)


def test_the_limits_are_those_of_the_columns():
    limits = {name: Build._meta.get_field(name).max_length for name in ("name", "framework", "version")}
    assert limits == {"name": LONGEST_TITLE, "framework": LONGEST_NAME, "version": LONGEST_VERSION}


def test_long_titles_stay_apart():
    one, other = (parse(f"torch==2.13.0,X={'y' * 300}{end}").title for end in "ab")
    assert len(one) == len(other) == LONGEST_TITLE
    assert one != other


def test_crippling_variables_are_told_and_others_are_not():
    assert "as a mis-built wheel would" in crippling_note({"ATEN_CPU_CAPABILITY": "default"})
    assert crippling_note({"ATEN_CPU_CAPABILITY": "avx2"}) == ""
    assert crippling_note({"OMP_NUM_THREADS": "1"}) == ""


@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "OMP_NUM_THREADS", "TORCH_LOGS", "XLA_FLAGS"])
def test_variables_that_only_change_how_code_runs_are_allowed(name):
    assert refusal(name) is None
