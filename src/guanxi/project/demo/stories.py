"""What the demo's people write after a call, a visit or a meeting: openings, matters and outcomes put together."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.project.demo.dice import Dice
from guanxi.project.demo.stories_en import MATTERS as MATTERS_EN
from guanxi.project.demo.stories_en import OPENINGS as OPENINGS_EN
from guanxi.project.demo.stories_en import OUTCOMES as OUTCOMES_EN

KINDS = {
    1: {"call": 40.0, "mail": 16.0, "visit": 12.0, "meeting": 10.0, "sms": 10.0, "note": 12.0},
    2: {"call": 26.0, "visit": 26.0, "meeting": 20.0, "mail": 14.0, "sms": 6.0, "note": 8.0},
    3: {"mail": 26.0, "meeting": 24.0, "call": 24.0, "visit": 14.0, "sms": 6.0, "note": 6.0},
    4: {"call": 30.0, "meeting": 26.0, "visit": 18.0, "mail": 16.0, "sms": 6.0, "note": 4.0},
    5: {"call": 30.0, "mail": 26.0, "visit": 16.0, "meeting": 12.0, "sms": 10.0, "note": 6.0},
}
"""How often each kind of follow-up, by how far the opportunity is (1 first contact … 5 contract; 0 care, see below)."""
CARE = {"call": 36.0, "visit": 22.0, "sms": 16.0, "mail": 14.0, "note": 12.0}

_OPENINGS: dict[str, tuple[str, ...]] = {
    "call": (
        *(
            "与{who}通电话{minutes}分钟。",
            "电话联系{who}。",
            "{who}来电。",
            "回访{who}，电话沟通。",
            "约{who}电话会，技术同事一起参加。",
        ),
        *("上午给{who}打电话，{who}正在车间，简短聊了几句。", "第{n}次电话跟进{who}。"),
    ),
    "mail": (
        *("给{who}发邮件，附{offer}资料。", "收到{who}邮件回复。", "邮件发送更新后的方案给{who}，抄送{dept}。"),
        *("{who}邮件来函询问{offer}细节。", "把上次会议纪要发给{who}确认。"),
    ),
    "sms": (
        *(
            "微信联系{who}。",
            "{who}微信回复：最近在出差。",
            "短信提醒{who}下周的安排。",
            "节前给{who}发了问候。",
            "微信发了{offer}案例视频给{who}。",
        ),
    ),
    "meeting": (
        *(
            "在客户会议室与{who}、{dept}开会。",
            "线上会议，{who}及{dept}共{n}人参加。",
            "与{who}召开{offer}技术交流会。",
        ),
        *("客户来访公司展厅，{who}带队，参观演示线。", "与{who}及设计院三方会。"),
    ),
    "visit": (
        *("拜访{who}，现场看了{line}。", "到客户工厂走访，{who}陪同看{line}。", "上门拜访{dept}，{who}接待。"),
        *("与方案同事一起到现场勘查{line}。", "顺路拜访{who}，聊了{minutes}分钟。"),
    ),
    "note": (*("内部备注：", "信息整理：", "从{dept}侧面了解到：", "与方案部讨论后记录：", "行业群里看到的消息："),),
}
_MATTERS: dict[int, tuple[str, ...]] = {
    0: (
        *(
            "设备运行稳定，{dept}反馈良好。",
            "提到{line}明年可能扩产。",
            "询问备件库存与保修期。",
            "反馈{offer}培训后操作工上手很快。",
        ),
        *(
            "上个月停机{n}次，已安排服务工程师检查。",
            "新来的{dept}负责人想了解我们的其他产品。",
            "客户愿意作为样板接待参观。",
        ),
    ),
    1: (
        *(
            "目前{line}用的是老系统，备件难买，有更换意向。",
            "年内有{offer}方面的计划，还没立项。",
            "主要由{dept}牵头，预算下半年批。",
        ),
        *(
            "介绍了公司和{offer}，对方对同行业案例感兴趣。",
            "需求还比较模糊，先要一份资料给领导看。",
            "也在看{rival}，还没有倾向。",
        ),
        *(
            "人工成本上涨，老板想减少{n}个夜班岗位。",
            "工厂正在做三年数字化规划，可以参与前期。",
            "对方问得很细，关注交期和本地服务。",
        ),
    ),
    2: (
        *(
            "核对了点表，IO约{n}0点，另需{n}台相机接口。",
            "节拍要求{minutes}秒以内，现状差{n}秒。",
            "{dept}提出要与ERP、WMS对接。",
        ),
        *(
            "梳理了{line}的工艺流程，拿到布局图。",
            "客户希望先做一条试点线。",
            "确认预算约为我们报价的{percent}%左右，还需再谈。",
        ),
        *(
            "{rival}也做了交流，但对现场不熟。",
            "要求停机改造不超过{n}天，只能利用假期窗口。",
            "数据采集协议混杂，需要网关，已记录。",
        ),
    ),
    3: (
        *(
            "讲解了{offer}方案，{dept}认可架构，问了冗余和安全。",
            "报价已提交，客户觉得总价高{percent}%，要求拆分报价。",
            "客户要两家同行业的用户名单。",
        ),
        *(
            "演示了{offer}，{who}对看板和追溯很满意。",
            "{rival}报价比我们低{percent}%左右，但不含实施。",
            "技术协议改到第{n}版，剩通讯和验收两条。",
        ),
        *(
            "做了样件测试，合格率{good}%，客户要再测一批。",
            "提出分两期，一期先上{line}。",
            "对方希望我们补充投资回报测算。",
        ),
    ),
    4: (
        *(
            "价格谈到最后一轮，要求再让{percent}个点。",
            "付款方式争议：客户要求3-6-1，我们坚持3-3-3-1。",
            "{dept}已经走完技术评审，排名第一。",
        ),
        *(
            "采购要求延长质保到{n}年。",
            "法务对违约金条款有意见，等对方修改。",
            "{rival}找了高层，需要我们领导出面一次。",
        ),
        *("投资审批到集团，预计{n}周内有结果。", "客户要求交期提前到{n}周，正在和生产协调。"),
    ),
    5: (
        *(
            "合同文本双方确认完毕，等盖章。",
            "{who}说付款流程已提交财务。",
            "确认了收货地址和开票信息。",
            "合同进入用印流程，预计{n}天内返回。",
        ),
        *("预付款发票已寄出。", "项目启动会定在下周，客户指定{dept}对接。", "技术附件补充了验收标准。"),
    ),
}
_OUTCOMES: dict[str, tuple[str, ...]] = {
    "positive": (
        *(
            "对方态度积极，约了下周再沟通。",
            "反馈很好，愿意推动立项。",
            "下一步安排方案同事到现场。",
            "明确表示优先考虑我们。",
            "答应引荐{boss}。",
        ),
    ),
    "neutral": (
        *("等对方内部讨论后回复。", "暂无明确结论，继续跟进。", "约{n}天后再联系。", "需要补充资料，本周内发出。", ""),
    ),
    "negative": (
        *(
            "对价格不满意，有流失风险。",
            "对方明显更倾向{rival}。",
            "近期没有预算，先放一放。",
            "领导换人，要重新介绍一遍。",
        ),
    ),
    "no_answer": (*("电话未接，晚些再打。", "对方在开会，没能细聊。", "留了言，等回电。", "人在外地，下周才回。"),),
    "agreed": (
        *(
            "约好{n}号上门演示。",
            "约定下周三技术交流。",
            "已约参观样板工厂。",
            "说好本周五前给书面答复。",
            "约定月底前敲定商务条款。",
        ),
    ),
}
_LINES = (
    ("一号线", "总装线", "冲压车间", "注塑车间", "包装线", "涂装线", "仓库", "实验室", "灌装线"),
    ("line 1", "the assembly line", "the press shop", "the packing line", "the warehouse", "the paint shop"),
)
_DEPTS = (
    ("设备部", "生产部", "信息部", "采购部", "工艺部", "质量部"),
    ("engineering", "production", "IT", "purchasing", "quality"),
)
_BOSSES = (("生产副总", "总经理", "集团CIO", "厂长"), ("the plant manager", "the COO", "the group CIO", "the owner"))
RESULTS = {
    1: {"positive": 24.0, "neutral": 38.0, "no_answer": 16.0, "agreed": 16.0, "negative": 6.0},
    3: {"positive": 26.0, "neutral": 34.0, "no_answer": 8.0, "agreed": 22.0, "negative": 10.0},
    5: {"positive": 40.0, "neutral": 28.0, "no_answer": 6.0, "agreed": 24.0, "negative": 2.0},
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a follow-up is written about."""

    stage: int
    """0 care after the sale or without a deal, else 1 first contact … 5 contract."""
    who: str
    offer: str
    rival: str
    chinese: bool


@dataclass(frozen=True, slots=True)
class Story:
    """A follow-up as it was written."""

    kind: str
    content: str
    result: str
    duration: int | None
    direction: str | None


def tell(dice: Dice, scene: Scene) -> Story:
    """One follow-up that fits the scene."""
    kind = dice.weigh(KINDS[scene.stage] if scene.stage else CARE)
    result = dice.weigh(RESULTS[5 if scene.stage in (0, 5) else 1 if scene.stage <= 2 else 3])
    if kind in ("meeting", "visit", "note") and result == "no_answer":
        result = "neutral"
    language = 0 if scene.chinese else 1
    openings, matters, outcomes = ((_OPENINGS, _MATTERS, _OUTCOMES), (OPENINGS_EN, MATTERS_EN, OUTCOMES_EN))[language]
    parts = [dice.pick(openings[kind])]
    if result != "no_answer":
        parts += dice.some(matters[scene.stage], 1 if kind == "sms" else dice.weigh({1: 5, 2: 4, 3: 1}))
    if kind != "note":
        parts.append(dice.pick(outcomes[result]))
    minutes = dice.whole(3, 28)
    words = {
        "who": scene.who,
        "offer": scene.offer,
        "rival": scene.rival,
        "dept": dice.pick(_DEPTS[language]),
        "line": dice.pick(_LINES[language]),
        "boss": dice.pick(_BOSSES[language]),
        "n": dice.whole(2, 9),
        "minutes": minutes,
        "percent": dice.whole(4, 18),
        "good": dice.pick(("97.5", "98.6", "99.2", "99.6")),
    }
    content = ("" if scene.chinese else " ").join(part.format(**words) for part in parts if part)
    return Story(
        kind, content, "" if kind == "note" else result, _duration(dice, kind, minutes), _direction(dice, kind)
    )


def _duration(dice: Dice, kind: str, minutes: int) -> int | None:
    if kind == "call":
        return minutes
    return dice.pick((30, 45, 60, 90, 120)) if kind in ("meeting", "visit") else None


def _direction(dice: Dice, kind: str) -> str | None:
    if kind not in ("call", "mail", "sms"):
        return None
    return "in" if dice.chance(0.22) else "out"
