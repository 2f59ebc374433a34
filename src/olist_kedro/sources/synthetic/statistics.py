"""What customers, sellers and carriers do: seasons, statuses, baskets, payments, lags and reviews.

Source: Brazilian E-Commerce Public Dataset by Olist, CC BY-NC-SA 4.0, aggregated figures. A share such as
`784 / 3345` is a count over the count of what it is a share of. A `..._QUANTILES` tuple has one value a level
of `LEVELS`; inverting the distribution function keeps the long tails that a named distribution would lose.
What cannot be counted, such as how popularity spreads or `WEEKENDS`, is fitted until the outcome agrees.
"""

from typing import NamedTuple

LEVELS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)

# Seasons and statuses

STATUSES = (
    "delivered",
    "shipped",
    "canceled",
    "unavailable",
    "invoiced",
    "processing",
    "created",
    "approved",
)


class Month(NamedTuple):
    """One month.

    Attributes:
        year: Calendar year.
        month: Calendar month.
        first_day: First day with an order.
        last_day: Last day with an order.
        orders: Orders by status, in the order of `STATUSES`.
        carrier: Median days from approval to the carrier.
        transit: What is added to the logarithm of the days from carrier to customer.
        estimate: What is added to the logarithm of the days from purchase to the promised day.
    """

    year: int
    month: int
    first_day: int
    last_day: int
    orders: tuple[int, ...]
    carrier: float
    transit: float
    estimate: float


MONTHS = (
    Month(2016, 9, 4, 15, (1, 1, 2, 0, 0, 0, 0, 0), 8.86, -0.51, 0.84),
    Month(2016, 10, 2, 22, (265, 8, 24, 7, 18, 2, 0, 0), 8.86, -0.51, 0.84),
    Month(2016, 12, 23, 23, (1, 0, 0, 0, 0, 0, 0, 0), 1.76, 0.05, 0.49),
    Month(2017, 1, 5, 31, (750, 16, 3, 10, 12, 9, 0, 0), 1.76, 0.05, 0.49),
    Month(2017, 2, 1, 28, (1653, 21, 17, 45, 11, 32, 0, 1), 1.87, 0.05, 0.27),
    Month(2017, 3, 1, 31, (2546, 45, 33, 32, 3, 23, 0, 0), 1.81, 0.02, 0.02),
    Month(2017, 4, 1, 30, (2303, 49, 18, 9, 14, 10, 0, 1), 1.98, 0.21, 0.12),
    Month(2017, 5, 1, 31, (3546, 55, 29, 31, 16, 23, 0, 0), 1.60, -0.09, -0.01),
    Month(2017, 6, 1, 30, (3135, 47, 16, 24, 11, 12, 0, 0), 1.87, 0.00, 0.00),
    Month(2017, 7, 1, 31, (3872, 56, 28, 52, 7, 11, 0, 0), 1.93, -0.07, -0.03),
    Month(2017, 8, 1, 31, (4193, 41, 27, 32, 20, 18, 0, 0), 1.87, -0.14, -0.03),
    Month(2017, 9, 1, 30, (4150, 38, 20, 38, 17, 22, 0, 0), 2.00, -0.07, -0.08),
    Month(2017, 10, 1, 31, (4478, 33, 26, 58, 16, 20, 0, 0), 1.96, -0.08, -0.06),
    Month(2017, 11, 1, 30, (7289, 72, 37, 84, 35, 25, 2, 0), 2.74, 0.16, -0.06),
    Month(2017, 12, 1, 31, (5513, 57, 11, 42, 13, 35, 2, 0), 2.15, 0.21, 0.16),
    Month(2018, 1, 1, 31, (7069, 74, 34, 48, 15, 29, 0, 0), 2.11, 0.11, 0.10),
    Month(2018, 2, 1, 28, (6555, 57, 73, 30, 6, 6, 1, 0), 2.17, 0.31, 0.02),
    Month(2018, 3, 1, 31, (7003, 133, 26, 17, 23, 9, 0, 0), 2.06, 0.27, -0.09),
    Month(2018, 4, 1, 30, (6798, 99, 15, 5, 14, 8, 0, 0), 1.47, -0.09, 0.00),
    Month(2018, 5, 1, 31, (6749, 54, 24, 16, 24, 6, 0, 0), 1.35, -0.02, -0.06),
    Month(2018, 6, 1, 30, (6099, 43, 18, 4, 3, 0, 0, 0), 1.21, -0.26, 0.14),
    Month(2018, 7, 1, 31, (6159, 60, 41, 18, 13, 1, 0, 0), 1.31, -0.34, -0.23),
    Month(2018, 8, 1, 31, (6351, 47, 84, 7, 23, 0, 0, 0), 1.19, -0.37, -0.52),
    Month(2018, 9, 3, 29, (0, 1, 15, 0, 0, 0, 0, 0), 1.19, -0.37, -0.52),
    Month(2018, 10, 1, 17, (0, 0, 4, 0, 0, 0, 0, 0), 1.19, -0.37, -0.52),
)
END_OF_RECORDS = "2018-10-30"
"""Nothing is recorded from this day on."""
WEEKDAYS = (0.163, 0.161, 0.157, 0.149, 0.135, 0.110, 0.121)
"""Share of the orders by day of the week, Monday first."""
SPECIAL_DAYS = {
    "2017-11-23": 1.3,
    "2017-11-24": 5.5,
    "2017-11-25": 3.0,
    "2017-11-26": 2.1,
    "2017-11-27": 1.6,
    "2017-11-28": 1.6,
    "2017-11-29": 1.4,
    "2017-11-30": 1.2,
}
"""Black Friday and the days around it: orders as a multiple of the same weekday's usual number."""
PURCHASE_HOURS = (24, 12, 5, 3, 2, 2, 5, 12, 30, 48, 62, 66, 60, 66, 66, 65, 67, 62, 58, 60, 62, 63, 58, 41)
CARRIER_HOURS = (25, 14, 6, 3, 2, 3, 7, 11, 20, 26, 32, 42, 56, 77, 108, 90, 59, 58, 71, 78, 69, 57, 49, 38)
DELIVERY_HOURS = (30, 16, 7, 3, 2, 2, 3, 4, 8, 12, 19, 27, 38, 47, 59, 70, 82, 91, 100, 98, 95, 79, 64, 46)

# People

ORDERS_A_PERSON = {1: 93099, 2: 2745, 3: 203, 4: 30, 5: 8, 6: 6, 7: 3, 9: 1, 17: 1}
SAME_CHECKOUT = 784 / 3345
"""Share of the repeat orders that follow the one before within seconds: one basket, split into two orders."""
DAYS_BETWEEN_ORDERS_QUANTILES = (0, 0, 0.03, 2, 10, 21, 37, 57, 90, 131, 187, 274, 339, 457, 576)
MOVED = 0.07
"""Share of the repeat orders that go to another address."""
UNKNOWN_CUSTOMER_PREFIXES = 157 / 14994
UNKNOWN_SELLER_PREFIXES = 7 / 2246
UNUSED_PREFIXES = 4099 / 14916
"""Prefixes that geolocation knows and nobody uses, as a share of those it knows and somebody uses."""

# Products and sellers

UNIVERSE_PRODUCTS = 1.0
"""Products on offer for each order; those that nobody buys do not get into the files."""
UNIVERSE_SELLERS = 3700 / 99441
PRODUCT_POPULARITY_DEVIATION = 1.6
SELLER_SUCCESS_DEVIATION = 1.1
"""Deviation of the logarithm of what a product sells, within a seller and between sellers."""
MOST_LUCK = 3.0
"""Bound of a product's or seller's luck in deviations, so that none outsells all others by far."""
SELLER_SIZE_DEVIATION = 1.4
SELLER_STAYS_IN_CATEGORY = 0.72
PRODUCTS_WITH_TWO_SELLERS = 0.12
"""Of those on offer; 3.7% of the products sold are then sold by two."""
PRICE_WEIGHT_CORRELATION = 0.56
PRICES_THAT_CHANGE = 0.35
PRICE_CHANGE_DEVIATION = 0.12
CENTS = {90: 0.356, 0: 0.291, 99: 0.182, 50: 0.024, 80: 0.014, 49: 0.012, 89: 0.008, 40: 0.007, 97: 0.006}
"""Endings of prices; the rest ends in any other way."""
PRICE_SHIFT = 0.05
"""Added to the logarithm of prices, as several items are bought of cheaper products."""
PRICE_QUANTILES = (
    *(-3.09, -2.31, -1.6, -1.22, -0.81, -0.5, -0.28, -0.03),
    *(0.23, 0.46, 0.77, 1.27, 1.7, 2.6, 3.78),
)
"""The logarithm of the price, less its category's mean, over its deviation."""
WEIGHT_QUANTILES = (
    *(-2.66, -2.03, -1.46, -1.18, -0.85, -0.6, -0.35, -0.09),
    *(0.15, 0.46, 0.8, 1.35, 1.78, 2.56, 3.81),
)
"""The logarithm of the weight, less its category's mean, over its deviation."""
PRICE_RANGE = (85, 673500)
"""Lowest and highest price in centavos."""
DIMENSIONS = ((1.88, 0.212, 0.367, 16), (0.44, 0.313, 0.663, 2), (1.62, 0.210, 0.361, 11))
"""Length, height, width: intercept and slope on the logarithm of the weight, deviation, least cm."""
WEIGHT_RANGE = (50, 40000)
NAME_LENGTH_QUANTILES = (12, 20, 29, 33, 40, 44, 48, 51, 54, 56, 58, 59, 60, 63, 64)
DESCRIPTION_LENGTH_QUANTILES = (41, 84, 150, 207, 294, 385, 485, 595, 712, 870, 1122, 1578, 2063, 3286, 3916)
ODD_SELLER_CITIES = 24 / 3095
PHOTOS = (16489, 6263, 3860, 2428, 1484, 968, 343, 192, 105, 95, 46, 35)
"""Products with 1, 2, 3, ... photos."""
PRODUCTS_WITHOUT_DIMENSIONS = 2 / 32951
PRODUCTS_WITHOUT_WEIGHT = 4 / 32951

# Baskets

ITEMS_AN_ORDER = {
    1: 88863,
    2: 7516,
    3: 1322,
    4: 505,
    5: 204,
    6: 198,
    7: 22,
    8: 8,
    10: 16,
    12: 11,
    15: 3,
    20: 2,
}
SAME_PRODUCT_THROUGHOUT = 0.66
THIRD_PRODUCT = 0.6
OTHER_PRODUCT_SAME_SELLER = 0.6
PREFERS_CHEAPER = 0.75
"""Share of the orders of several items in which the cheaper one of two products is taken."""
ORDERS_WITHOUT_ITEMS = {"unavailable": 603 / 609, "canceled": 164 / 625, "created": 1.0, "invoiced": 2 / 314}
FREE_FREIGHT = 383 / 112650


class FreightModel(NamedTuple):
    """Least squares on the logarithm of an item's freight in BRL, with each state's residual mean taken off.

    The terms are the excess of the logarithm of the weight (grams, at least 300) over 6.5, its square, the
    logarithm of the distance (km, plus 50), and whether seller and customer share a state. R² = 0.57.
    """

    intercept: float = 1.32
    weight: float = 0.1145
    weight_squared: float = 0.0669
    distance: float = 0.2362
    same_state: float = -0.170


FREIGHT = FreightModel()
FREIGHT_QUANTILES = (
    *(-3.31, -0.991, -0.423, -0.261, -0.151, -0.095, -0.051),
    *(-0.007, 0.042, 0.102, 0.178, 0.311, 0.473, 0.889, 1.509),
)
SHIPPING_LIMIT_DAYS = dict(
    enumerate(
        (
            *(6381, 3030, 19293, 11651, 44724, 9920, 4777, 2787, 2463, 1553),
            *(1489, 962, 1170, 502, 340, 221, 268, 173, 931),
        ),
        start=2,
    )
)

# Payments

WAYS_TO_PAY = ("credit_card", "boleto", "voucher", "card_and_voucher", "two_cards", "debit_card")
ORDER_VALUE_BANDS = (50, 110, 200, 500)
"""Limits in BRL between the rows of `WAYS_TO_PAY_BY_VALUE`."""
WAYS_TO_PAY_BY_VALUE = (
    (0.687, 0.239, 0.0290, 0.0214, 0.0018, 0.0218),
    (0.731, 0.208, 0.0191, 0.0245, 0.0019, 0.0156),
    (0.763, 0.188, 0.0111, 0.0219, 0.0025, 0.0137),
    (0.787, 0.167, 0.0077, 0.0219, 0.0046, 0.0124),
    (0.794, 0.158, 0.0091, 0.0175, 0.0119, 0.0102),
)
VOUCHERS_ALONE = (1194, 224, 86, 46, 19, 15, 13, 7, 2, 3, 3, 3)
VOUCHERS_BESIDE_CARD = (1869, 212, 62, 33, 21, 15, 4, 7, 2, 5, 5, 1)
"""Orders paid with 1, 2, 3, ... vouchers."""
VOUCHER_SHARE_QUANTILES = (
    *(0.007, 0.045, 0.131, 0.214, 0.365, 0.5, 0.615),
    *(0.71, 0.79, 0.858, 0.916, 0.96, 0.982, 0.997, 0.999),
)
CARD_VALUE_BANDS = (30, 50, 75, 110, 150, 200, 300, 500, 1000)
"""Limits in BRL between the columns of `INSTALMENTS_BY_VALUE`."""
INSTALMENTS_BY_VALUE = {
    1: (2929, 5529, 5665, 4903, 2873, 1635, 1102, 543, 203, 73),
    2: (798, 1124, 2123, 2199, 2826, 1808, 1001, 392, 111, 31),
    3: (0, 1685, 1584, 1943, 1432, 1980, 1086, 544, 180, 27),
    4: (0, 1275, 579, 1452, 1007, 851, 1224, 482, 184, 44),
    5: (0, 0, 1302, 833, 945, 660, 833, 426, 185, 54),
    6: (0, 0, 896, 452, 804, 531, 420, 551, 205, 61),
    7: (0, 0, 285, 438, 233, 274, 132, 173, 72, 19),
    8: (0, 0, 0, 841, 405, 725, 908, 762, 476, 150),
    9: (0, 0, 0, 336, 54, 83, 57, 80, 28, 6),
    10: (0, 0, 0, 309, 897, 884, 1077, 841, 866, 453),
    11: (0, 0, 0, 0, 0, 0, 0, 0, 20, 3),
    12: (0, 0, 0, 0, 39, 30, 27, 16, 13, 8),
    15: (0, 0, 0, 0, 0, 20, 20, 18, 8, 8),
    18: (0, 0, 0, 0, 0, 5, 7, 6, 5, 4),
    20: (0, 0, 0, 0, 0, 0, 5, 6, 3, 3),
    24: (0, 0, 0, 0, 0, 0, 4, 3, 8, 3),
}
VALUE_WITHOUT_ITEMS_QUANTILES = (17, 21, 32, 40, 60, 74, 89, 107, 131, 165, 222, 419, 720, 2062, 3321)
"""Amount in BRL paid for an order that has no items."""
PAID_WITH_INTEREST = 303 / 98665
INTEREST = (0.03, 0.155)
ZERO_VOUCHERS = 6 / 5775
ZERO_INSTALMENTS = 2 / 76795
NOT_DEFINED = 3 / 164
"""Share of the canceled orders without items whose payment is not defined."""
ORDERS_WITHOUT_PAYMENT = 1 / 99441

# Approval, carrier, delivery

APPROVAL_HOURS_QUANTILES = {
    "boleto": (0, 0, 5.8, 9.6, 13.5, 16.4, 20.1, 29.1, 33.2, 37.4, 43, 67, 86, 124, 190),
    "credit_card": (0, 0, 0.14, 0.16, 0.19, 0.21, 0.24, 0.27, 0.325, 0.43, 1.0, 21.5, 24.5, 60, 127),
    "debit_card": (0, 0.07, 0.14, 0.17, 0.22, 0.29, 0.43, 0.85, 1.3, 3.2, 15, 24, 38, 102, 294),
    "voucher": (0, 0, 0.13, 0.15, 0.19, 0.22, 0.25, 0.31, 0.47, 2.2, 24, 28, 47, 69, 226),
}
CARRIER_QUANTILES = (
    *(-5.0, -2.94, -1.72, -1.26, -0.809, -0.543, -0.284),
    *(0.0, 0.297, 0.536, 0.821, 1.194, 1.56, 2.276, 2.92),
)
TRANSIT_QUANTILES = (
    *(-3.91, -2.35, -1.62, -1.27, -0.82, -0.51, -0.22, 0.01),
    *(0.27, 0.53, 0.81, 1.22, 1.57, 2.37, 3.76),
)
ESTIMATE_QUANTILES = (
    *(-3.76, -2.21, -1.49, -1.12, -0.75, -0.51, -0.28, -0.06),
    *(0.2, 0.44, 0.7, 1.2, 1.67, 2.86, 4.42),
)
"""The logarithm of the days, less the effects of month, state and seller's state, over its deviation."""
DEVIATIONS = (0.57, 0.215)
DEVIATIONS_IN_SAME_STATE = (0.834, 0.331)
"""Deviations of these logarithms, transit first."""
SAME_STATE = (-0.93, -0.32)
SAME_STATE_IN_SAO_PAULO = (0.22, -0.06)
"""Effects on transit and estimate of a seller in the customer's state, and what São Paulo adds to them."""
WEEKENDS = (0.72, 0.92)
"""Part of the days to the carrier and to the customer that is left without those waited over weekends."""
TRANSIT_ESTIMATE_CORRELATION = 0.25
CARRIER_BEFORE_APPROVAL = 1359 / 97658
HOURS_BEFORE_APPROVAL_QUANTILES = (0.02, 0.07, 0.29, 0.5, 1.2, 1.8, 3.2, 17, 22, 25, 28, 52, 87, 165, 225)
DELIVERED_BEFORE_CARRIER = 23 / 96476
CANCELED_UNAPPROVED = 141 / 625
CANCELED_AFTER_CARRIER = 75 / 484
CANCELED_AFTER_DELIVERY = 6 / 75
DELIVERED_WITHOUT_APPROVAL = 14 / 96478
DELIVERED_WITHOUT_CARRIER = 2 / 96478
DELIVERED_WITHOUT_DATE = 8 / 96478

# Reviews

NO_REVIEW = {
    "delivered": 0.0067,
    "shipped": 0.068,
    "canceled": 0.032,
    "unavailable": 0.023,
    "invoiced": 0.016,
    "processing": 0.02,
    "created": 0.4,
    "approved": 0.0,
}
SECOND_REVIEW = 555 / 98673
SECOND_REVIEW_AGREES = 0.63
SCORES_BY_WEEKS = (
    (0.041, 0.017, 0.061, 0.181, 0.700),
    (0.049, 0.021, 0.074, 0.205, 0.651),
    (0.060, 0.028, 0.097, 0.235, 0.579),
    (0.083, 0.042, 0.127, 0.263, 0.486),
    (0.105, 0.064, 0.151, 0.253, 0.427),
    (0.202, 0.066, 0.140, 0.221, 0.371),
)
"""Shares of the scores 1 to 5: one item, in time; a row a week from purchase to delivery."""
SCORES_BY_ITEMS = (
    (0.154, 0.044, 0.088, 0.174, 0.542),
    (0.191, 0.044, 0.093, 0.179, 0.494),
    (0.228, 0.053, 0.089, 0.179, 0.450),
)
SCORES_BY_ITEMS_OF_SEVERAL_SELLERS = (
    (0.339, 0.116, 0.141, 0.108, 0.297),
    (0.353, 0.118, 0.118, 0.098, 0.314),
    (0.478, 0.122, 0.087, 0.070, 0.244),
)
"""In time; a row for 2, 3 and 4 or more items."""
DAYS_LATE_BANDS = (4, 8, 15)
SCORES_BY_DAYS_LATE = (
    (0.252, 0.070, 0.147, 0.200, 0.331),
    (0.585, 0.091, 0.099, 0.084, 0.141),
    (0.704, 0.096, 0.089, 0.041, 0.070),
    (0.689, 0.094, 0.091, 0.054, 0.071),
)
"""Late by 1-3, 4-7, 8-14, 15 and more days."""
SCORES_BY_STATUS = {
    "shipped": (0.617, 0.076, 0.106, 0.083, 0.118),
    "canceled": (0.693, 0.072, 0.079, 0.043, 0.113),
    "unavailable": (0.776, 0.072, 0.059, 0.034, 0.060),
    "invoiced": (0.735, 0.083, 0.051, 0.048, 0.083),
    "processing": (0.865, 0.061, 0.030, 0.020, 0.024),
}
"""Not delivered."""
HAS_MESSAGE = (0.766, 0.681, 0.435, 0.312, 0.359)
HAS_TITLE = (0.52, 0.49, 0.32, 0.29, 0.37)
"""By score, 1 first; titles by the time when the survey asked for them."""
TITLES_BEGIN = {"2018-04-01": 0.2, "2018-05-01": 1.0}
"""From when the survey asked how many for a title."""
SENTENCES = ((3, 5, 5, 3), (3, 5, 5, 3), (4, 6, 4, 2), (7, 6, 3, 1), (10, 6, 3, 1))
"""Weights of 1, 2, 3 and 4 sentences in a message, by score."""
LONGEST_MESSAGE = 208
HAS_NEWLINE = 0.09
HAS_EMOJI = 237 / 40977
HAS_QUOTES = 0.005
HAS_TRAILING_BLANK = 0.13
DAYS_FROM_DELIVERY = {0: 34, 1: 930, 2: 12, 3: 4, 4: 2, 6: 2, 8: 1}
DAYS_FROM_ESTIMATE = {1: 50, 2: 700, 3: 135, 4: 55, 5: 37, 6: 30}
"""Days from delivery, or from the promised day where there was none by then, to the survey."""
ANSWER_HOURS_QUANTILES = (3.3, 9.1, 14.8, 19, 22.8, 25.5, 35.1, 40.2, 60.4, 70.8, 84.7, 117, 167, 530, 3594)
WITHOUT_ANSWER_TIME = 65 / 99224
WITHOUT_CREATION_DATE = 18 / 65

# Geolocation

ROWS_A_PREFIX = (1.35, 1.1)
"""Mean and deviation of the logarithm of the distinct rows of a prefix: a fifth of the original's."""
DUPLICATED_ROWS = 261831 / 1000163
ACCENTED_CITIES = 0.073
ODD_CITIES = 0.0007
OUTSIDE_BRAZIL = 42 / 1000163
