"""Names of persons in comments are masked; firms, programs, peoples and ordinary words are left."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.redact import PersonalData, redact

MASKED = [
    ("// @author 张三", ["张三"]),
    (" * @author 119178 点阵屏下发demo", ["119178"]),
    (" * @author: zhang.longfei 10126853", ["zhang.longfei 10126853"]),
    ("Author: Jane Doe", ["Jane Doe"]),
    ("// Author: j.doe@example.org (Jane Doe)", ["Jane Doe"]),
    ("Authors: Jane Doe <j@example.org>, Li Si and Joel W. Reed", ["Jane Doe", "Li Si", "Joel W. Reed"]),
    ("// Created by wangwu on 2019/03/02", ["wangwu"]),
    (" * Created by 林星 on 2017/12/8.", ["林星"]),
    ("// modified by Li Si 2020-01-01: added 维族", ["Li Si"]),
    ("public int dwSize;//2008-1-16 modified by zxy dwIsLinked的状态", ["zxy"]),
    ("//多路解码器扩展 added by zxy 2007-05-23", ["zxy"]),
    ("// modified by gb 080425", ["gb"]),
    ("# Code written by Piotr Example and Tsung-Yi Sample, 2015.", ["Piotr Example", "Tsung-Yi Sample"]),
    ("作者：欧阳锋、王五", ["欧阳锋", "王五"]),
    ("联系人: 李四, 电话", ["李四"]),
    ("由张三于2019年创建", ["张三"]),
    ("// 2019-03-02 张三 修改", ["张三"]),
    ("// Zhang San 2019-04-01", ["Zhang San"]),
    ("int nRace; // Zhang San 2019-04", ["Zhang San"]),
    ("Signed-off-by: Jane Doe <jane@example.org>", ["Jane Doe"]),
    ("3f2a9c1d (Zhang San 2019-03-02 12:00:00 +0800 12) int a;", ["Zhang San"]),
    ("<dc:creator>张三</dc:creator><cp:lastModifiedBy>Jane Doe</cp:lastModifiedBy>", ["张三", "Jane Doe"]),
    ("Автор: Иванов И. И.", ["Иванов И. И."]),
    ("작성자: 홍길동", ["홍길동"]),
    ("__author__ = 'qingzhouzhen'", ["qingzhouzhen"]),
    ('{"author": "Jane Doe"}', ["Jane Doe"]),
    ("/Author (Zhang San)", ["Zhang San"]),
]
LEFT = [
    "Author: Freedom Example Foundation",
    " * @author      SpryMedia Ltd (www.sprymedia.example)",
    "Author: www.example.com",
    " * @author baidu aip",
    "作者：杭州海康威视数字技术股份有限公司",
    "// Created by Visual Studio on 2019-01-01",
    " * should not be modified by hand.",
    "All of them are created by Face - Detect and the faceIds will",
    "or updated by Snapshot - Update. E.g. 2018-12-25T11:41:02.2331413Z",
    " * Created by InspireFace",
    "// 白族 2019-03-02",
    "// 维吾尔族 2019-03-02 新增",
    "// Uyghur Detection 2019-04-01",
    "Author: Uyghur",
    "修改人脸库: 张",
    "#define NET_NOT_AUTHORIZED _EC(25) // 无操作权限",
    "headers['Authorization'] = 'Bearer'",
    "author: string;",
    "EM_NATION_TYPE_UYGUR = 1, // 维族(新疆)",
    "Hikvision 2019-04-01",
    "// Release 2019-04-01",
    "created by the server",
]


@pytest.mark.parametrize(("text", "names"), MASKED)
def test_a_name_is_masked_where_the_text_says_that_one_stands_there(text: str, names: list[str]) -> None:
    removed = [item for item in redact(text).removed if item.kind is PersonalData.NAME]
    assert [text[item.start : item.start + item.length] for item in removed] == names


@pytest.mark.parametrize("text", LEFT)
def test_firms_programs_peoples_and_words_are_left(text: str) -> None:
    assert [item for item in redact(text).removed if item.kind is PersonalData.NAME] == []


NAMES = st.sampled_from(["张三", "李小龙", "Zhang San", "Jane Doe", "O'Neil Smith", "wangwu", "li.si2"])
FRAMES = st.sampled_from(
    ["// @author {}", "作者：{}", " * Author: {}", "Signed-off-by: {} <a@b.example>", "; Created by {} on 2019/3/2"]
)


@settings(deadline=None)  # a busy machine is no fault of the text
@given(NAMES, FRAMES, st.text(max_size=60), st.text(max_size=60))
def test_no_name_behind_a_tag_gets_through_whatever_lines_stand_around(
    name: str, frame: str, before: str, after: str
) -> None:
    line = frame.format(name)
    result = redact(f"{before}\n{line}\n{after}")
    shown = result.text.split("\n")
    assert name not in shown[len(before.split("\n"))]


@settings(deadline=None)  # a busy machine is no fault of the text
@given(st.text(alphabet="@authorby作者：张三 AaBb.<>()-/*\n0123456789", max_size=400))
def test_every_mask_is_in_the_log_and_nothing_else_changes(text: str) -> None:
    result = redact(text)
    kept = list(text)
    for item in result.removed:
        kept[item.start : item.start + item.length] = "█" * item.length
    assert "".join(kept) == result.text


@pytest.mark.parametrize(
    "piece", ["author: ", "A a ", "by ", "Created by A ", "张 ", "1-", "(a", "<author ", "@", "A.", "2019-1-1 "]
)
def test_a_hostile_line_takes_no_longer_than_its_length(piece: str) -> None:
    started = time.process_time()
    redact(piece * 200_000)
    assert time.process_time() - started < 10
