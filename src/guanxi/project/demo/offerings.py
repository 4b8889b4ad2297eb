"""What the demo company sells, against whom, and through which pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.domains.sales.setup import NEW_BUSINESS, Step

CATEGORIES: tuple[tuple[str, str, str], ...] = (
    ("control", "控制系统", "Control systems"),
    ("drive", "驱动与运动控制", "Drives & motion"),
    ("vision", "传感与机器视觉", "Sensing & vision"),
    ("robot", "机器人与柔性产线", "Robots & flexible lines"),
    ("software", "工业软件", "Industrial software"),
    ("service", "服务与培训", "Services & training"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A product: list price in yuan, typical quantity in a deal, how often it is the main one."""

    code: str
    name: str
    english: str
    category: str
    kind: str
    unit: str
    price: int
    quantity: float
    weight: float


OFFERS: tuple[Offer, ...] = (
    Offer("GC-100", "GC100 紧凑型PLC控制器", "GC100 compact PLC", "control", "goods", "piece", 3_200, 30, 6),
    Offer("GC-500", "GC500 中型PLC控制器", "GC500 mid-range PLC", "control", "goods", "piece", 12_800, 14, 7),
    Offer("GC-900", "GC900 冗余控制系统", "GC900 redundant controller", "control", "goods", "set", 86_000, 3, 4),
    Offer("GH-15", "GH15 工业触摸屏", "GH15 operator panel", "control", "goods", "piece", 4_600, 16, 2),
    Offer("GS-2", "GS2 伺服驱动器", "GS2 servo drive", "drive", "goods", "set", 6_900, 26, 7),
    Offer("GS-7", "GS7 高性能多轴伺服", "GS7 multi-axis servo", "drive", "goods", "set", 21_500, 12, 6),
    Offer("GF-30", "GF30 变频器", "GF30 inverter", "drive", "goods", "unit", 5_400, 22, 5),
    Offer("GM-8", "GM8 运动控制器", "GM8 motion controller", "drive", "goods", "unit", 18_600, 8, 4),
    Offer("GV-20", "GV20 智能工业相机", "GV20 smart camera", "vision", "goods", "unit", 15_800, 9, 5),
    Offer("GV-3D", "GV-3D 三维视觉检测站", "GV-3D inspection cell", "vision", "goods", "set", 168_000, 2, 4),
    Offer("GT-5", "GT5 激光位移传感器", "GT5 laser sensor", "vision", "goods", "piece", 3_800, 24, 2),
    Offer("GR-6", "GR6 六轴协作机器人", "GR6 collaborative robot", "robot", "goods", "unit", 118_000, 3, 5),
    Offer("GR-S", "GR-S SCARA机器人", "GR-S SCARA robot", "robot", "goods", "unit", 64_000, 5, 4),
    Offer("GL-A", "GL-A AGV物流小车", "GL-A guided vehicle", "robot", "goods", "unit", 145_000, 4, 4),
    Offer("GL-X", "GL-X 柔性装配单元", "GL-X assembly cell", "robot", "goods", "set", 620_000, 1, 3),
    Offer("GN-MES", "关山MES制造执行系统", "Guanshan MES", "software", "software", "license", 480_000, 1, 8),
    Offer("GN-SCADA", "关山SCADA监控平台", "Guanshan SCADA", "software", "software", "license", 160_000, 1, 7),
    Offer("GN-IOT", "关山工业物联网平台", "Guanshan IoT platform", "software", "subscription", "year", 120_000, 1, 6),
    Offer("GN-EMS", "关山能源管理系统", "Guanshan energy manager", "software", "subscription", "year", 88_000, 1, 5),
    Offer("GN-APS", "关山高级排产", "Guanshan planner", "software", "software", "license", 260_000, 1, 3),
    Offer("GN-QMS", "关山质量追溯", "Guanshan quality", "software", "subscription", "year", 76_000, 1, 3),
    Offer("GD-IMP", "实施与集成服务", "Implementation", "service", "service", "day", 2_800, 40, 2),
    Offer("GD-MNT", "年度维保服务", "Annual maintenance", "service", "subscription", "year", 58_000, 1, 3),
    Offer("GD-TRN", "操作与编程培训", "Operator training", "service", "service", "day", 6_500, 5, 1),
    Offer("GD-AUD", "产线数字化诊断", "Line assessment", "service", "service", "project", 38_000, 1, 2),
)
RENEWABLE = tuple(offer for offer in OFFERS if offer.kind == "subscription")

COMPETITORS: tuple[tuple[str, str, str, str, str, str, float], ...] = (
    ("泰岳自动化", "high", "北京", "产品线全、渠道覆盖广", "软件能力弱，定制周期长", "以软硬一体方案和实施速度取胜", 5),
    ("Norvalt Controls", "high", "Germany", "品牌与可靠性", "价格高，本地支持响应慢", "强调总拥有成本和本地备件库", 4),
    (
        "恒拓智造",
        "high",
        "深圳",
        "价格激进、账期灵活",
        "交付质量不稳定，复购率低",
        "安排老客户现场参观，锁定验收标准",
        5,
    ),
    ("Kestrel Motion", "medium", "Japan", "伺服性能、精度", "无MES与平台产品", "打包多轴伺服与视觉，提高切换成本", 3),
    ("云砺工业软件", "medium", "上海", "MES界面好、云部署", "不懂设备层，无控制产品", "从产线数据采集切入", 4),
    (
        "Brontide Robotics",
        "medium",
        "Denmark",
        "协作机器人易用",
        "大负载缺型号，服务靠代理",
        "提供整线仿真和节拍承诺",
        2,
    ),
    ("华屹伺服", "low", "苏州", "本地仓库、现货", "产品单一", "以整体方案替代单品比价", 2),
    ("Oldmere Systems", "low", "USA", "存量大、老客户多", "升级停滞", "推出迁移服务和旧程序转换工具", 1),
)
"""Name, threat, headquarters, strengths, weaknesses, how to win, how often met."""

TAGS: tuple[tuple[str, str, str], ...] = (
    ("战略客户", "red", "Strategic account"),
    ("标杆案例", "green", "Reference customer"),
    ("价格敏感", "orange", "Price-sensitive"),
    ("技术导向", "blue", "Technology-driven"),
    ("出口项目", "purple", "Export project"),
    ("扩产计划", "cyan", "Planning new capacity"),
    ("账期风险", "yellow", "Credit risk"),
    ("展会接触", "pink", "Met at a trade show"),
    ("VIP服务", "indigo", "VIP service"),
    ("国产替代", "teal", "Replacing imports"),
)

RENEWAL: tuple[Step, ...] = (
    ("续约提醒", "Due", 40, "open", "pipeline", "", "gray"),
    ("使用评估", "Usage review", 60, "open", "best_case", "amount", "blue"),
    ("续约报价", "Renewal quote", 75, "open", "commit", "amount, close_on", "cyan"),
    ("赢单", "Renewed", 100, "won", "closed", "amount", "green"),
    ("流失", "Churned", 0, "lost", "omitted", "lost_reason", "red"),
    ("作废", "Void", 0, "void", "omitted", "", "gray"),
)
CHANNEL: tuple[Step, ...] = (
    ("伙伴报备", "Registered", 15, "open", "pipeline", "", "gray"),
    ("联合拜访", "Joint visit", 30, "open", "pipeline", "amount", "blue"),
    ("方案与报价", "Proposal", 50, "open", "best_case", "amount, close_on", "cyan"),
    ("商务签约", "Contract", 80, "open", "commit", "amount, close_on", "purple"),
    ("赢单", "Won", 100, "won", "closed", "amount", "green"),
    ("输单", "Lost", 0, "lost", "omitted", "lost_reason", "red"),
    ("作废", "Void", 0, "void", "omitted", "", "gray"),
)
PIPELINES: dict[str, tuple[str, str, tuple[Step, ...]]] = {
    "new": ("新客户销售", "New business", NEW_BUSINESS),
    "renewal": ("续约", "Renewals", RENEWAL),
    "channel": ("渠道合作", "Channel", CHANNEL),
}
OPEN_STAGES = {key: sum(1 for step in steps if step[3] == "open") for key, (_zh, _en, steps) in PIPELINES.items()}
"""How many open stages each pipeline has; they come first."""
