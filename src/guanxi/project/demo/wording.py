"""Names and short texts of the demo's opportunities."""

from __future__ import annotations

from guanxi.project.demo.companies import Company
from guanxi.project.demo.dice import Dice
from guanxi.project.demo.offerings import Offer

_PROJECTS = {
    "control": (
        ("包装线控制改造", "二期产线PLC项目", "公用工程控制系统", "老旧产线控制升级"),
        ("packaging line controls", "PLC retrofit", "utility control system", "line 2 controls"),
    ),
    "drive": (
        ("绕线机伺服升级", "风机变频节能改造", "冲压线运动控制", "贴合设备伺服项目"),
        ("servo upgrade", "inverter energy retrofit", "press line motion", "winding machine drives"),
    ),
    "vision": (
        ("外观检测项目", "尺寸在线测量", "三维缺陷检测", "来料视觉分拣"),
        ("surface inspection", "inline measurement", "3D defect detection", "vision sorting"),
    ),
    "robot": (
        ("上下料机器人项目", "柔性装配线", "AGV物流改造", "码垛工作站"),
        ("machine tending robots", "flexible assembly line", "AGV logistics", "palletising cell"),
    ),
    "software": (
        ("数字化工厂一期", "MES升级", "设备联网与看板", "能源管理项目", "车间排产优化"),
        ("digital factory phase 1", "MES roll-out", "machine connectivity", "energy management"),
    ),
    "service": (
        ("年度维保", "数字化诊断", "工程师培训", "备件框架协议"),
        ("annual maintenance", "line assessment", "engineer training", "spare parts frame"),
    ),
}
_NEEDS = (
    *("现有{old}产能不足，计划年底前完成改造，要求停机不超过{days}天。", "客户要求{goal}，并与现有{system}打通。"),
    *(
        "集团推行精益，{goal}是今年的考核指标，预算已列入年度计划。",
        "新厂房{month}月封顶，需要整线方案及{system}接口。",
    ),
    *(
        "目前靠人工记录，希望{goal}，先做一条试点线再推广到{lines}条线。",
        "质量投诉增加，客户希望{goal}，验收以连续{days}天稳定运行为准。",
    ),
)
_NEEDS_EN = (
    *("The {old} is at its limit; conversion must be finished this year with at most {days} days of downtime.",),
    *("They want to {goal} and to connect it with the existing {system}.",),
    *("The group asks every plant to {goal}; the budget is in this year's plan.",),
    *("Pilot on one line first, then roll out to {lines} lines. Main aim: {goal}.",),
)
_OLD = (
    ("绕包线", "冲压线", "总装线", "涂装线", "灌装线", "仓储系统"),
    ("press line", "filling line", "paint shop", "warehouse"),
)
_GOAL = (
    ("不良率降到千分之三以下", "节拍提升15%", "实现全流程追溯", "能耗下降8%以上", "减少夜班人工", "换型时间缩短一半"),
    (
        "cut the reject rate below 0.3 %",
        "raise output by 15 %",
        "trace every batch",
        "save 8 % energy",
        "halve changeovers",
    ),
)
_SYSTEM = (("ERP", "WMS", "PLM", "集团数据平台"), ("ERP", "WMS", "PLM", "group data platform"))
_STEPS = (
    (
        "约现场调研",
        "确认需求清单",
        "寄送资料与案例",
        "安排技术交流",
        "提交方案初稿",
        "邀请参观样板工厂",
        "跟进报价反馈",
    ),
    ("确认预算与审批流程", "商务条款谈判", "合同法务审核", "安排样机测试", "约决策层会面", "确认付款方式"),
)
_STEPS_EN = (
    (
        "Arrange a site visit",
        "Confirm the list of requirements",
        "Send references",
        "Technical workshop",
        "Draft proposal",
    ),
    ("Confirm budget and approval", "Negotiate terms", "Legal review of the contract", "Sample test", "Meet the board"),
)
_LOST_NOTES = {
    "price": (
        ("对方报价低约{n}%，我们无法跟进。", "客户按最低价中标，商务分差{n}分。"),
        ("They were about {n} % cheaper.", "Lowest bid won; we were {n} % above."),
    ),
    "competitor": (
        ("客户最终选择了原有供应商。", "对手提前介入写了技术规格。"),
        ("They stayed with their incumbent.", "The competitor wrote the specification."),
    ),
    "function": (
        ("测试时节拍达不到要求。", "缺少客户要求的接口协议。"),
        ("Cycle time was not reached in the test.", "A required interface is missing."),
    ),
    "budget": (
        ("集团收紧投资，项目取消。", "预算被砍{n}%，只做局部改造。"),
        ("Investment stopped by the group.", "Budget cut by {n} %."),
    ),
    "postponed": (("新厂延期到明年。", "客户订单下滑，项目暂缓。"), ("New plant postponed to next year.", "On hold.")),
    "no_decision": (("内部意见不统一，不了了之。",), ("No agreement inside the customer.",)),
    "relationship": (("始终没有接触到决策层。",), ("We never reached the decision makers.",)),
    "delivery": (("要求{n}天交货，我们排产来不及。",), ("Delivery in {n} days was asked; not possible.",)),
    "service": (("当地没有服务网点，客户有顾虑。",), ("No local service team.",)),
}


def deal_name(dice: Dice, offer: Offer, kind: str, company: Company) -> str:
    """What the opportunity is called."""
    chinese, english = _PROJECTS[offer.category]
    if company.chinese:
        if kind == "renewal":
            return f"{company.brand}{offer.name}续约"
        return f"{company.brand}{dice.pick(chinese)}{'（增购）' if kind == 'upsell' and dice.chance(0.4) else ''}"
    if kind == "renewal":
        return f"{company.brand} – {offer.english} renewal"
    return f"{company.brand} – {dice.pick(english)}"


def needs(dice: Dice, offer: Offer, company: Company) -> str:
    """What the customer wants."""
    language = 0 if company.chinese else 1
    text = dice.pick(_NEEDS if company.chinese else _NEEDS_EN)
    return text.format(
        old=dice.pick(_OLD[language]),
        goal=dice.pick(_GOAL[language]),
        system=dice.pick(_SYSTEM[language]),
        days=dice.whole(3, 10),
        month=dice.whole(3, 11),
        lines=dice.whole(3, 9),
    )


def next_step(dice: Dice, stage: int, company: Company) -> str:
    """What is to be done next, by how far the opportunity is."""
    return dice.pick((_STEPS if company.chinese else _STEPS_EN)[0 if stage <= 2 else 1])


def lost_note(dice: Dice, reason: str, company: Company) -> str:
    """How it was lost."""
    chinese, english = _LOST_NOTES[reason]
    return dice.pick(chinese if company.chinese else english).format(n=dice.whole(6, 25))
