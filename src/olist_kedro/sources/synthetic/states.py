"""The states of Brazil: how many customers and sellers each has, where it lies, how long deliveries take.

Source: Brazilian E-Commerce Public Dataset by Olist, CC BY-NC-SA 4.0, aggregated figures. The ranges of zip
prefixes are those of the Brazilian post (Correios).
"""

from typing import NamedTuple


class Trade(NamedTuple):
    """Orders from a state, sellers in it, and items that these sellers sold."""

    customers: int
    sellers: int
    items_sold: int


class Lags(NamedTuple):
    """What a customer's state does to the logarithms of days and of freight.

    Attributes:
        transit: Days from carrier to customer, in the base month, from a seller in another state.
        estimate: Days from purchase to the promised day, in the base month, from a seller in another state.
        freight: What is added to the freight's logarithm.
    """

    transit: float
    estimate: float
    freight: float


class Map(NamedTuple):
    """Where a state lies.

    Attributes:
        prefixes: Number of zip prefixes.
        cities: Number of towns and cities.
        capital: Latitude and longitude of the largest city, degrees.
        centre: Median latitude and longitude of the towns, degrees.
        spread: Robust standard deviation of the towns' latitude and longitude, degrees.
        box: Least and greatest latitude, and longitude, of the state, degrees.
    """

    prefixes: int
    cities: int
    capital: tuple[float, float]
    centre: tuple[float, float]
    spread: tuple[float, float]
    box: tuple[tuple[float, float], tuple[float, float]]


class City(NamedTuple):
    """A large city and its share of its state's customers."""

    name: str
    share: float


class State(NamedTuple):
    """One state, with its ranges of five-digit zip prefixes (end not included), the largest city first."""

    code: str
    trade: Trade
    lags: Lags
    map: Map
    zip_ranges: tuple[tuple[int, int], ...]
    largest_cities: tuple[City, ...]


STATES = (
    State(
        "SP",
        Trade(customers=41746, sellers=1849, items_sold=80342),
        Lags(transit=1.93, estimate=3.23, freight=-0.01),
        Map(
            prefixes=6349,
            cities=761,
            capital=(-23.56, -46.65),
            centre=(-22.22, -48.59),
            spread=(1.38, 2.07),
            box=((-25.31, -19.78), (-53.11, -44.16)),
        ),
        zip_ranges=((1000, 20000),),
        largest_cities=(City("sao paulo", 0.372), City("campinas", 0.035), City("guarulhos", 0.028)),
    ),
    State(
        "RJ",
        Trade(customers=12852, sellers=171, items_sold=4818),
        Lags(transit=2.26, estimate=3.30, freight=0.01),
        Map(
            prefixes=1390,
            cities=192,
            capital=(-22.91, -43.27),
            centre=(-22.43, -42.93),
            spread=(0.60, 1.16),
            box=((-23.37, -20.76), (-44.89, -40.95)),
        ),
        zip_ranges=((20000, 29000),),
        largest_cities=(City("rio de janeiro", 0.535), City("niteroi", 0.066), City("nova iguacu", 0.034)),
    ),
    State(
        "MG",
        Trade(customers=11635, sellers=244, items_sold=8827),
        Lags(transit=2.12, estimate=3.26, freight=-0.01),
        Map(
            prefixes=1868,
            cities=1091,
            capital=(-19.92, -43.95),
            centre=(-19.88, -43.92),
            spread=(1.81, 2.11),
            box=((-22.92, -14.23), (-51.05, -39.86)),
        ),
        zip_ranges=((30000, 40000),),
        largest_cities=(City("belo horizonte", 0.238), City("juiz de fora", 0.037), City("contagem", 0.037)),
    ),
    State(
        "RS",
        Trade(customers=5466, sellers=129, items_sold=2199),
        Lags(transit=2.35, estimate=3.38, freight=-0.09),
        Map(
            prefixes=1132,
            cities=524,
            capital=(-30.04, -51.19),
            centre=(-29.05, -52.37),
            spread=(1.17, 1.47),
            box=((-33.75, -27.08), (-57.64, -49.69)),
        ),
        zip_ranges=((90000, 100000),),
        largest_cities=(City("porto alegre", 0.252), City("caxias do sul", 0.041), City("canoas", 0.038)),
    ),
    State(
        "PR",
        Trade(customers=5045, sellers=349, items_sold=8671),
        Lags(transit=2.12, estimate=3.26, freight=0.02),
        Map(
            prefixes=1046,
            cities=470,
            capital=(-25.45, -49.27),
            centre=(-24.20, -52.03),
            spread=(1.46, 1.69),
            box=((-26.72, -22.51), (-54.62, -48.02)),
        ),
        zip_ranges=((80000, 88000),),
        largest_cities=(City("curitiba", 0.301), City("londrina", 0.061), City("maringa", 0.054)),
    ),
    State(
        "SC",
        Trade(customers=3637, sellers=190, items_sold=4075),
        Lags(transit=2.33, estimate=3.29, freight=0.00),
        Map(
            prefixes=620,
            cities=313,
            capital=(-27.59, -48.52),
            centre=(-27.09, -50.01),
            spread=(0.61, 2.18),
            box=((-29.35, -25.95), (-53.84, -48.35)),
        ),
        zip_ranges=((88000, 90000),),
        largest_cities=(City("florianopolis", 0.157), City("joinville", 0.073), City("blumenau", 0.052)),
    ),
    State(
        "BA",
        Trade(customers=3380, sellers=19, items_sold=643),
        Lags(transit=2.64, estimate=3.42, freight=-0.04),
        Map(
            prefixes=992,
            cities=477,
            capital=(-12.97, -38.47),
            centre=(-12.80, -39.86),
            spread=(1.82, 1.76),
            box=((-18.35, -8.53), (-46.62, -37.34)),
        ),
        zip_ranges=((40000, 49000),),
        largest_cities=(
            City("salvador", 0.368),
            City("feira de santana", 0.055),
            City("vitoria da conquista", 0.027),
        ),
    ),
    State(
        "DF",
        Trade(customers=2140, sellers=30, items_sold=899),
        Lags(transit=2.15, estimate=3.23, freight=-0.08),
        Map(
            prefixes=516,
            cities=21,
            capital=(-15.82, -47.94),
            centre=(-15.83, -47.97),
            spread=(0.06, 0.11),
            box=((-16.05, -15.50), (-48.29, -47.31)),
        ),
        zip_ranges=((70000, 72800), (73000, 73700)),
        largest_cities=(City("brasilia", 0.996),),
    ),
    State(
        "ES",
        Trade(customers=2033, sellers=23, items_sold=372),
        Lags(transit=2.36, estimate=3.27, freight=-0.07),
        Map(
            prefixes=315,
            cities=125,
            capital=(-20.29, -40.30),
            centre=(-19.90, -40.77),
            spread=(1.21, 0.54),
            box=((-21.30, -17.89), (-41.88, -39.66)),
        ),
        zip_ranges=((29000, 30000),),
        largest_cities=(City("vitoria", 0.186), City("vila velha", 0.164), City("serra", 0.140)),
    ),
    State(
        "GO",
        Trade(customers=2020, sellers=40, items_sold=520),
        Lags(transit=2.39, estimate=3.33, freight=-0.04),
        Map(
            prefixes=773,
            cities=257,
            capital=(-16.69, -49.27),
            centre=(-16.32, -49.49),
            spread=(1.53, 1.20),
            box=((-19.50, -12.39), (-53.25, -45.91)),
        ),
        zip_ranges=((72800, 73000), (73700, 76800)),
        largest_cities=(City("goiania", 0.343), City("anapolis", 0.056), City("aparecida de goiania", 0.054)),
    ),
    State(
        "PE",
        Trade(customers=1652, sellers=9, items_sold=448),
        Lags(transit=2.58, estimate=3.47, freight=0.12),
        Map(
            prefixes=596,
            cities=210,
            capital=(-8.06, -34.91),
            centre=(-8.26, -36.14),
            spread=(0.60, 1.68),
            box=((-9.48, -3.80), (-41.36, -32.39)),
        ),
        zip_ranges=((50000, 57000),),
        largest_cities=(City("recife", 0.371), City("jaboatao dos guararapes", 0.082), City("olinda", 0.056)),
    ),
    State(
        "CE",
        Trade(customers=1336, sellers=13, items_sold=94),
        Lags(transit=2.73, estimate=3.47, freight=0.10),
        Map(
            prefixes=548,
            cities=212,
            capital=(-3.75, -38.53),
            centre=(-4.51, -39.36),
            spread=(1.54, 1.07),
            box=((-7.86, -2.78), (-41.42, -37.25)),
        ),
        zip_ranges=((60000, 64000),),
        largest_cities=(City("fortaleza", 0.490), City("sobral", 0.027), City("caucaia", 0.026)),
    ),
    State(
        "PA",
        Trade(customers=975, sellers=1, items_sold=8),
        Lags(transit=2.87, estimate=3.63, freight=0.14),
        Map(
            prefixes=309,
            cities=153,
            capital=(-1.44, -48.47),
            centre=(-2.05, -48.97),
            spread=(2.17, 1.97),
            box=((-9.84, 2.59), (-58.90, -46.06)),
        ),
        zip_ranges=((66000, 68900),),
        largest_cities=(City("belem", 0.454),),
    ),
    State(
        "MT",
        Trade(customers=907, sellers=4, items_sold=145),
        Lags(transit=2.59, estimate=3.48, freight=0.00),
        Map(
            prefixes=254,
            cities=157,
            capital=(-15.60, -56.08),
            centre=(-14.49, -56.08),
            spread=(3.01, 2.41),
            box=((-18.04, -7.35), (-61.63, -50.22)),
        ),
        zip_ranges=((78000, 78900),),
        largest_cities=(City("cuiaba", 0.273),),
    ),
    State(
        "MA",
        Trade(customers=747, sellers=1, items_sold=405),
        Lags(transit=2.77, estimate=3.42, freight=0.27),
        Map(
            prefixes=313,
            cities=222,
            capital=(-2.53, -44.25),
            centre=(-4.13, -44.87),
            spread=(1.74, 1.17),
            box=((-10.26, -1.04), (-48.76, -41.79)),
        ),
        zip_ranges=((65000, 66000),),
        largest_cities=(City("sao luis", 0.473),),
    ),
    State(
        "MS",
        Trade(customers=715, sellers=5, items_sold=50),
        Lags(transit=2.39, estimate=3.28, freight=-0.08),
        Map(
            prefixes=242,
            cities=98,
            capital=(-20.46, -54.61),
            centre=(-21.72, -54.51),
            spread=(1.72, 1.07),
            box=((-24.07, -17.17), (-58.17, -50.92)),
        ),
        zip_ranges=((79000, 80000),),
        largest_cities=(City("campo grande", 0.448),),
    ),
    State(
        "PB",
        Trade(customers=536, sellers=6, items_sold=38),
        Lags(transit=2.69, estimate=3.53, freight=0.30),
        Map(
            prefixes=324,
            cities=207,
            capital=(-7.12, -34.85),
            centre=(-7.07, -36.53),
            spread=(0.40, 1.57),
            box=((-8.30, -6.02), (-38.77, -34.79)),
        ),
        zip_ranges=((58000, 59000),),
        largest_cities=(City("joao pessoa", 0.478),),
    ),
    State(
        "PI",
        Trade(customers=495, sellers=1, items_sold=12),
        Lags(transit=2.63, estimate=3.41, freight=0.28),
        Map(
            prefixes=307,
            cities=206,
            capital=(-5.08, -42.79),
            centre=(-7.00, -42.21),
            spread=(1.73, 0.83),
            box=((-10.93, -2.74), (-45.99, -40.37)),
        ),
        zip_ranges=((64000, 65000),),
        largest_cities=(City("teresina", 0.568),),
    ),
    State(
        "RN",
        Trade(customers=485, sellers=5, items_sold=56),
        Lags(transit=2.59, estimate=3.49, freight=0.22),
        Map(
            prefixes=280,
            cities=167,
            capital=(-5.82, -35.22),
            centre=(-6.05, -36.64),
            spread=(0.43, 1.38),
            box=((-6.98, -4.83), (-38.58, -34.95)),
        ),
        zip_ranges=((59000, 60000),),
        largest_cities=(City("natal", 0.427),),
    ),
    State(
        "AL",
        Trade(customers=413, sellers=0, items_sold=0),
        Lags(transit=2.92, estimate=3.50, freight=0.24),
        Map(
            prefixes=178,
            cities=108,
            capital=(-9.64, -35.73),
            centre=(-9.52, -36.35),
            spread=(0.36, 0.85),
            box=((-10.50, -8.81), (-38.24, -35.15)),
        ),
        zip_ranges=((57000, 58000),),
        largest_cities=(City("maceio", 0.598),),
    ),
    State(
        "SE",
        Trade(customers=350, sellers=2, items_sold=10),
        Lags(transit=2.74, estimate=3.44, freight=0.23),
        Map(
            prefixes=135,
            cities=73,
            capital=(-10.94, -37.06),
            centre=(-10.63, -37.29),
            spread=(0.41, 0.47),
            box=((-11.57, -9.51), (-38.25, -36.39)),
        ),
        zip_ranges=((49000, 50000),),
        largest_cities=(City("aracaju", 0.643),),
    ),
    State(
        "TO",
        Trade(customers=280, sellers=0, items_sold=0),
        Lags(transit=2.56, estimate=3.39, freight=0.24),
        Map(
            prefixes=184,
            cities=128,
            capital=(-10.20, -48.33),
            centre=(-9.35, -48.33),
            spread=(3.07, 0.85),
            box=((-13.47, -5.17), (-50.74, -45.69)),
        ),
        zip_ranges=((77000, 78000),),
        largest_cities=(City("palmas", 0.325),),
    ),
    State(
        "RO",
        Trade(customers=253, sellers=2, items_sold=14),
        Lags(transit=2.72, estimate=3.67, freight=0.31),
        Map(
            prefixes=108,
            cities=67,
            capital=(-8.76, -63.88),
            centre=(-11.13, -62.29),
            spread=(1.11, 1.00),
            box=((-13.69, -7.97), (-66.81, -59.77)),
        ),
        zip_ranges=((76800, 77000),),
        largest_cities=(City("porto velho", 0.447),),
    ),
    State(
        "AM",
        Trade(customers=148, sellers=1, items_sold=3),
        Lags(transit=3.00, estimate=3.83, freight=0.11),
        Map(
            prefixes=144,
            cities=59,
            capital=(-3.09, -60.01),
            centre=(-3.47, -62.50),
            spread=(2.03, 5.23),
            box=((-9.82, 2.25), (-73.80, -56.10)),
        ),
        zip_ranges=((69000, 69300), (69400, 69900)),
        largest_cities=(City("manaus", 0.946),),
    ),
    State(
        "AC",
        Trade(customers=81, sellers=1, items_sold=1),
        Lags(transit=2.77, estimate=3.72, freight=0.28),
        Map(
            prefixes=46,
            cities=26,
            capital=(-9.97, -67.82),
            centre=(-9.89, -68.74),
            spread=(1.65, 2.28),
            box=((-11.15, -7.11), (-73.99, -66.62)),
        ),
        zip_ranges=((69900, 70000),),
        largest_cities=(City("rio branco", 0.864),),
    ),
    State(
        "AP",
        Trade(customers=68, sellers=0, items_sold=0),
        Lags(transit=3.03, estimate=3.85, freight=0.12),
        Map(
            prefixes=26,
            cities=14,
            capital=(0.03, -51.07),
            centre=(0.03, -51.83),
            spread=(1.26, 0.70),
            box=((-1.24, 4.44), (-54.88, -49.87)),
        ),
        zip_ranges=((68900, 69000),),
        largest_cities=(City("macapa", 0.794),),
    ),
    State(
        "RR",
        Trade(customers=46, sellers=0, items_sold=0),
        Lags(transit=2.97, estimate=3.82, freight=0.29),
        Map(
            prefixes=28,
            cities=12,
            capital=(2.82, -60.70),
            centre=(1.99, -60.57),
            spread=(1.47, 0.87),
            box=((-1.58, 5.27), (-64.83, -58.88)),
        ),
        zip_ranges=((69300, 69400),),
        largest_cities=(City("boa vista", 0.978),),
    ),
)
