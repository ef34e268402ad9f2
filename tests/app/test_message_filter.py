from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.app.message_filter import (
    EVERYTHING,
    TRAITS,
    And,
    Compare,
    FilterError,
    Not,
    Or,
    Text,
    complete,
    parse,
    quoted,
    texts,
)


def wrong(source):
    with pytest.raises(FilterError) as caught:
        parse(source)
    return caught.value


def test_fields_have_values_numbers_and_units():
    assert parse("type:audio") == Compare("type", ":", numbers=(14,))
    assert parse("msg:15,handshake") == Compare("type", ":", numbers=(15, 1, 2, 3, 4))
    assert parse("type:keep-alive") == parse("type:keepalive") == parse("TYPE:Keep_Alive_Req,13")
    assert parse("size>10k") == Compare("size", ">", numbers=(10_000.0,))
    assert parse("gap>=1.5s") == Compare("delta", ">=", numbers=(1500.0,))
    assert parse("time<1:02:03.5") == Compare("time", "<", numbers=(3723.5,))
    assert parse('from:"Ann B",none') == Compare("user", ":", words=("ann b", "none"))
    assert parse("socket:video,chat") == Compare("link", ":", words=("video", "chat"))


def test_terms_are_joined_by_and_or_not_and_brackets():
    a, b, c = (parse(f"type:{name}") for name in ("audio", "video", "chat"))
    assert parse("type:audio type:video") == parse("type:audio AND type:video") == And((a, b))
    assert parse("type:audio type:video or type:chat") == Or((And((a, b)), c))
    assert parse("type:audio (type:video or -type:chat)") == And((a, Or((b, Not(c)))))
    assert parse("not type:audio") == parse("-type:audio") == parse("!type:audio") == Not(a)
    assert parse("   ") == EVERYTHING


def test_words_quotations_and_expressions_are_text():
    word, said, expression = texts(parse('bank "two words" text:/ba.k\\/s/'))
    assert word.pattern.search("THE BANK") and said.source == "two words"
    assert expression.pattern.search("a back/s") and expression.source == "/ba.k/s/"
    assert isinstance(parse("a-b.c"), Text) and parse("text:bank") == word


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("type:vidoe", 'No type is called "vidoe". Did you mean video?'),
        ("link:vidoe", 'No link is called "vidoe". Did you mean video?'),
        ("tpye:audio", 'No field is called "tpye". Did you mean type?'),
        ("is:keyfrme", 'No property is called "keyfrme". Did you mean keyframe?'),
        ("dir:up", 'No direction is called "up".'),
        ("gap>much", "gap needs a number, as in gap>200."),
        ("size>1parsec", "size needs a number, as in size>10k."),
        ("dir>3", "dir has no order: write dir:value."),
        ("type:", "A value is missing behind type:."),
        ("a or", "Something is missing behind or."),
        ("not", "Something is missing behind not."),
        ("(a b", "The bracket is not closed."),
        ("a)", "This bracket closes nothing."),
        ('"abc', "The quotation mark is not closed."),
        ("/abc", "The regular expression is not closed by a slash."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(source, sentence):
    assert str(wrong(source)) == sentence


def test_the_wrong_part_is_named():
    error = wrong("type:audio link:vidoe")
    assert (error.begin, error.end) == (16, 21)
    assert "regular expression is wrong" in str(wrong("/(/"))


def test_links_of_the_log_are_known():
    assert parse("link:fax", ["fax"]) == Compare("link", ":", words=("fax",))


@given(st.text(alphabet='abc:<>=()"/\\-! ,or1k', max_size=30))
def test_every_text_is_a_filter_or_an_error_with_a_sentence(source):
    try:
        parse(source)
    except FilterError as error:
        assert str(error).endswith((".", "?")) and 0 <= error.begin <= error.end <= len(source)


@given(st.text(min_size=1, max_size=20))
def test_quoted_values_come_back_as_they_were(name):
    node = parse(f"user:{quoted(name)}")
    assert node == Compare("user", ":", words=(name.casefold(),))


def test_completion_knows_fields_values_and_people():
    assert complete("ty", 2) == (0, ["type:"])
    assert complete("gap", 3)[1] == ["gap>200"]
    begin, found = complete("type:audio link:si", 18)
    assert begin == 16 and found[0] == "signaling"
    begin, found = complete('user:"An', 8, ["Ann B", "Bob"])
    assert (begin, found) == (5, ['"Ann B"'])
    assert complete("is:", 3)[1] == list(TRAITS)
    assert complete("-type:vi,au", 11)[1][0] == "audio"
    for word in complete("", 0)[1]:
        assert re.fullmatch(r"[a-z]+(:|>[\dk:]+)?", word)
