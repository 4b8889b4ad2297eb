"""The picklists that several objects share."""

from __future__ import annotations

from babel import Locale

from guanxi.kernel.labels import Label
from guanxi.schema.fields import option
from guanxi.schema.spec import Option

INDUSTRIES: tuple[Option, ...] = (
    option("technology", "Technology", "科技", "blue"),
    option("software", "Software & internet", "软件与互联网", "indigo"),
    option("telecommunications", "Telecommunications", "通信", "cyan"),
    option("manufacturing", "Manufacturing", "制造业", "orange"),
    option("automotive", "Automotive", "汽车", "red"),
    option("electronics", "Electronics & semiconductors", "电子与半导体", "purple"),
    option("chemicals", "Chemicals & materials", "化工与材料", "yellow"),
    option("food", "Food & beverage", "食品饮料", "lime"),
    option("medical", "Medical & pharmaceutical", "医疗医药", "pink"),
    option("energy", "Energy & utilities", "能源电力", "green"),
    option("logistics", "Logistics & transport", "物流运输", "teal"),
    option("retail", "Retail & wholesale", "零售批发", "orange"),
    option("finance", "Finance & insurance", "金融保险", "blue"),
    option("real_estate", "Real estate & construction", "房地产与建筑", "yellow"),
    option("education", "Education & research", "教育科研", "cyan"),
    option("government", "Government & public sector", "政府与公共事业", "red"),
    option("entertainment", "Media & entertainment", "传媒娱乐", "pink"),
    option("marketing", "Marketing & advertising", "市场营销与广告", "purple"),
    option("employment", "Employment & staffing", "人力资源", "teal"),
    option("services", "Business services", "商务服务", "lime"),
    option("agriculture", "Agriculture", "农林牧渔", "green"),
    option("other", "Other", "其他", "gray"),
)

REGIONS: tuple[Option, ...] = (
    option("east", "East China", "华东"),
    option("south", "South China", "华南"),
    option("north", "North China", "华北"),
    option("central", "Central China", "华中"),
    option("southwest", "Southwest China", "西南"),
    option("northwest", "Northwest China", "西北"),
    option("northeast", "Northeast China", "东北"),
    option("hmt", "Hong Kong, Macao & Taiwan", "港澳台"),
    option("apac", "Asia-Pacific", "亚太"),
    option("europe", "Europe", "欧洲"),
    option("americas", "Americas", "美洲"),
    option("mea", "Middle East & Africa", "中东与非洲"),
)

SOURCES: tuple[Option, ...] = (
    option("referral", "Customer referral", "客户转介绍", "green"),
    option("exhibition", "Trade show", "展会", "purple"),
    option("website", "Website", "官网", "blue"),
    option("search", "Search engine", "搜索引擎", "cyan"),
    option("advertising", "Advertising", "广告投放", "orange"),
    option("social", "Social media", "社交媒体", "pink"),
    option("cold_call", "Cold call", "电话陌拜", "gray"),
    option("partner", "Partner", "渠道伙伴", "teal"),
    option("seminar", "Seminar or webinar", "研讨会/直播", "indigo"),
    option("tender", "Public tender", "招标信息", "red"),
    option("existing", "Existing customer", "老客户", "lime"),
    option("import", "Import", "数据导入", "gray"),
    option("other", "Other", "其他", "gray"),
)

SALUTATIONS: tuple[Option, ...] = (
    option("mr", "Mr", "先生"),
    option("ms", "Ms", "女士"),
    option("dr", "Dr", "博士"),
    option("prof", "Prof.", "教授"),
)

# CLDR spells these as a geographer would; business forms in China say it so.
_SPELLINGS = {"TW": "中国台湾", "HK": "中国香港", "MO": "中国澳门"}
# Territory codes of CLDR that are not countries: unions, the world outside, and codes made for testing.
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


def _countries() -> tuple[Option, ...]:
    english, chinese = Locale("en").territories, Locale("zh", script="Hans").territories
    both = english.keys() & chinese.keys() - _NO_COUNTRIES
    codes = sorted(code for code in both if len(code) == 2 and code.isalpha())
    return tuple(Option(code, Label(english[code], _SPELLINGS.get(code, chinese[code]))) for code in codes)


COUNTRIES: tuple[Option, ...] = _countries()
"""ISO 3166-1 alpha-2 codes with the names of the Unicode CLDR."""
