"""Where the demo's customers are, and telephone numbers that ring nowhere."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.project.demo.dice import Dice


@dataclass(frozen=True, slots=True)
class Place:
    """A city: name as its people write it, country, region, position, area code, weight."""

    city: str
    country: str
    region: str
    latitude: float
    longitude: float
    code: str
    weight: float
    districts: tuple[str, ...] = ()


def _china(city: str, region: str, where: tuple[float, float], code: str, weight: float, *districts: str) -> Place:
    return Place(city, "CN", region, *where, code, weight, districts)


def _abroad(city: str, country: str, region: str, where: tuple[float, float], code: str, weight: float) -> Place:
    return Place(city, country, region, *where, code, weight)


PLACES: tuple[Place, ...] = (
    _china("上海", "east", (31.2304, 121.4737), "21", 9, "浦东新区", "闵行区", "嘉定区", "松江区"),
    _china("苏州", "east", (31.2989, 120.5853), "512", 8, "工业园区", "昆山", "吴江区"),
    _china("无锡", "east", (31.4912, 120.3119), "510", 5, "新吴区", "江阴"),
    _china("杭州", "east", (30.2741, 120.1551), "571", 5, "滨江区", "萧山区", "余杭区"),
    _china("宁波", "east", (29.8683, 121.5440), "574", 4, "北仑区", "鄞州区"),
    _china("南京", "east", (32.0603, 118.7969), "25", 4, "江宁区", "浦口区"),
    _china("合肥", "east", (31.8206, 117.2272), "551", 3, "高新区", "经开区"),
    _china("常州", "east", (31.8107, 119.9741), "519", 3, "武进区", "新北区"),
    _china("深圳", "south", (22.5431, 114.0579), "755", 8, "宝安区", "龙岗区", "南山区"),
    _china("东莞", "south", (23.0207, 113.7518), "769", 5, "松山湖", "长安镇"),
    _china("广州", "south", (23.1291, 113.2644), "20", 5, "黄埔区", "番禺区", "南沙区"),
    _china("佛山", "south", (23.0218, 113.1219), "757", 4, "顺德区", "南海区"),
    _china("厦门", "south", (24.4798, 118.0894), "592", 2, "海沧区", "集美区"),
    _china("北京", "north", (39.9042, 116.4074), "10", 5, "亦庄", "海淀区", "顺义区"),
    _china("天津", "north", (39.3434, 117.3616), "22", 4, "滨海新区", "西青区"),
    _china("青岛", "north", (36.0671, 120.3826), "532", 4, "黄岛区", "城阳区"),
    _china("济南", "north", (36.6512, 117.1201), "531", 2, "历城区", "高新区"),
    _china("沈阳", "northeast", (41.8057, 123.4315), "24", 2, "铁西区", "浑南区"),
    _china("大连", "northeast", (38.9140, 121.6147), "411", 2, "金州区", "甘井子区"),
    _china("长春", "northeast", (43.8171, 125.3235), "431", 1.5, "汽开区", "高新区"),
    _china("武汉", "central", (30.5928, 114.3055), "27", 4, "东湖高新区", "经开区"),
    _china("长沙", "central", (28.2282, 112.9388), "731", 3, "岳麓区", "长沙县"),
    _china("郑州", "central", (34.7466, 113.6254), "371", 2, "郑东新区", "中牟县"),
    _china("成都", "southwest", (30.5728, 104.0668), "28", 4, "高新区", "龙泉驿区"),
    _china("重庆", "southwest", (29.5630, 106.5516), "23", 3, "两江新区", "璧山区"),
    _china("西安", "northwest", (34.3416, 108.9398), "29", 3, "高新区", "未央区"),
    _abroad("Stuttgart", "DE", "europe", (48.7758, 9.1829), "30 23125", 2.4),
    _abroad("Munich", "DE", "europe", (48.1351, 11.5820), "30 23125", 1.6),
    _abroad("Birmingham", "GB", "europe", (52.4862, -1.8904), "20 7946 0", 1.4),
    _abroad("Lyon", "FR", "europe", (45.7640, 4.8357), "1 99 00 ", 1.2),
    _abroad("Milan", "IT", "europe", (45.4642, 9.1900), "02 5550 ", 1.2),
    _abroad("Eindhoven", "NL", "europe", (51.4416, 5.4697), "40 555 ", 1.0),
    _abroad("Chicago", "US", "americas", (41.8781, -87.6298), "312 555 0", 2.0),
    _abroad("Detroit", "US", "americas", (42.3314, -83.0458), "313 555 0", 1.6),
    _abroad("Toronto", "CA", "americas", (43.6532, -79.3832), "416 555 0", 1.0),
    _abroad("Monterrey", "MX", "americas", (25.6866, -100.3161), "81 5550 ", 1.0),
    _abroad("Nagoya", "JP", "apac", (35.1815, 136.9066), "52 000 ", 1.6),
    _abroad("Osaka", "JP", "apac", (34.6937, 135.5023), "6 0000 ", 1.2),
    _abroad("Incheon", "KR", "apac", (37.4563, 126.7052), "32 555 ", 1.0),
    _abroad("Singapore", "SG", "apac", (1.3521, 103.8198), "6000 ", 2.0),
    _abroad("Penang", "MY", "apac", (5.4141, 100.3288), "4 555 ", 1.4),
    _abroad("Rayong", "TH", "apac", (12.6814, 101.2816), "38 555 ", 1.4),
    _abroad("Haiphong", "VN", "apac", (20.8449, 106.6881), "225 555 ", 1.4),
    _abroad("Pune", "IN", "apac", (18.5204, 73.8567), "20 5550 ", 1.4),
    _abroad("Melbourne", "AU", "apac", (-37.8136, 144.9631), "3 7010 ", 0.8),
    _abroad("Dubai", "AE", "mea", (25.2048, 55.2708), "4 555 ", 0.8),
)

DIAL = {
    **{"CN": "86", "DE": "49", "GB": "44", "FR": "33", "IT": "39", "NL": "31", "US": "1", "CA": "1", "MX": "52"},
    **{"JP": "81", "KR": "82", "SG": "65", "MY": "60", "TH": "66", "VN": "84", "IN": "91", "AU": "61", "AE": "971"},
}
CURRENCIES = {
    **{"CN": "CNY", "DE": "EUR", "FR": "EUR", "IT": "EUR", "NL": "EUR", "GB": "GBP", "US": "USD", "CA": "USD"},
    **{"MX": "USD", "JP": "JPY", "KR": "USD", "SG": "SGD", "MY": "USD", "TH": "USD", "VN": "USD", "IN": "USD"},
    **{"AU": "AUD", "AE": "USD"},
}
RATES = {"CNY": 1.0, "EUR": 7.8, "USD": 7.1, "GBP": 9.1, "JPY": 0.048, "SGD": 5.3, "AUD": 4.7}
"""Yuan per unit, roughly: only to make believable list prices abroad."""

_ROADS = ("创新路", "科技大道", "工业三路", "兴业路", "高新南路", "银河路", "振兴路", "东方大道", "金桥路", "星湖街")
_STREETS = ("Industrial Avenue", "Harbour Road", "Mill Lane", "Foundry Street", "Station Road", "Park Drive")


def address(dice: Dice, place: Place) -> str:
    """A postal address in the place."""
    if place.country == "CN":
        return f"{place.city}市{dice.pick(place.districts)}{dice.pick(_ROADS)}{dice.whole(1, 1999)}号"
    return f"{dice.whole(1, 240)} {dice.pick(_STREETS)}\n{place.city}"


def landline(place: Place, number: int) -> str:
    """A telephone number of a firm, from ranges kept for fiction where the country has one."""
    digits = 8 if place.country == "CN" else 3
    tail = f"5550{number % 10_000:04d}" if place.country == "CN" else f"{100 + number % 100:0{digits}d}"
    return f"+{DIAL[place.country]} {place.code}{' ' if place.country == 'CN' else ''}{tail}"


def mobile(place: Place, number: int) -> str:
    """A mobile number that nobody was given as far as anybody can know."""
    if place.country == "CN":
        return f"+86138000{number % 100_000:05d}"
    return f"+{DIAL[place.country]} {place.code}{100 + number % 100:03d}"
