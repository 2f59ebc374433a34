"""Product categories: their names, how much of each is sold, and what its products cost and weigh.

Source: Brazilian E-Commerce Public Dataset by Olist, CC BY-NC-SA 4.0, aggregated figures.
Categories with fewer than five products have the prices and weights of all products.
"""

from typing import NamedTuple


class Category(NamedTuple):
    """One product category.

    Attributes:
        name: Name in Portuguese, as the product file has it.
        english: Name in the translation file, or None where that file lacks the category.
        items: Items sold.
        products: Different products sold.
        price_mean: Mean of the natural logarithm of an item's price in BRL.
        price_deviation: Standard deviation of that logarithm.
        weight_mean: Mean of the natural logarithm of a product's weight in grams.
        weight_deviation: Standard deviation of that logarithm.
    """

    name: str
    english: str | None
    items: int
    products: int
    price_mean: float
    price_deviation: float
    weight_mean: float
    weight_deviation: float


CATEGORIES = (
    Category("cama_mesa_banho", "bed_bath_table", 11115, 3029, 4.30, 0.69, 7.22, 1.01),
    Category("beleza_saude", "health_beauty", 9670, 2444, 4.37, 0.97, 6.38, 1.13),
    Category("esporte_lazer", "sports_leisure", 8641, 2867, 4.35, 0.84, 6.74, 1.22),
    Category("moveis_decoracao", "furniture_decor", 8334, 2657, 4.17, 0.76, 7.22, 1.23),
    Category("informatica_acessorios", "computers_accessories", 7827, 1639, 4.36, 0.85, 6.09, 1.07),
    Category("utilidades_domesticas", "housewares", 6964, 2335, 4.08, 0.90, 7.16, 1.28),
    Category("relogios_presentes", "watches_gifts", 5991, 1329, 4.85, 0.91, 5.94, 0.60),
    Category("telefonia", "telephony", 4545, 1134, 3.65, 0.92, 5.22, 0.64),
    Category("ferramentas_jardim", "garden_tools", 4347, 753, 4.28, 0.78, 7.19, 1.32),
    Category("automotivo", "auto", 4235, 1900, 4.39, 1.02, 6.84, 1.52),
    Category("brinquedos", "toys", 4117, 1411, 4.41, 0.80, 6.77, 1.13),
    Category("cool_stuff", "cool_stuff", 3796, 789, 4.75, 0.86, 7.04, 1.25),
    Category("perfumaria", "perfumery", 3419, 868, 4.38, 0.93, 5.84, 0.81),
    Category("bebes", "baby", 3065, 919, 4.40, 0.91, 7.10, 1.53),
    Category("eletronicos", "electronics", 2767, 517, 3.42, 0.96, 6.01, 1.27),
    Category("papelaria", "stationery", 2517, 849, 4.24, 0.78, 6.64, 1.26),
    Category("fashion_bolsas_e_acessorios", "fashion_bags_accessories", 2031, 849, 3.98, 0.73, 5.32, 0.86),
    Category("pet_shop", "pet_shop", 1947, 719, 4.35, 0.80, 6.94, 1.47),
    Category("moveis_escritorio", "office_furniture", 1691, 309, 4.98, 0.45, 9.29, 0.71),
    Category("consoles_games", "consoles_games", 1137, 317, 4.22, 1.12, 5.89, 0.85),
    Category("malas_acessorios", "luggage_accessories", 1092, 349, 4.62, 0.67, 7.27, 1.31),
    Category(
        "construcao_ferramentas_construcao",
        "construction_tools_construction",
        929,
        400,
        4.44,
        1.05,
        7.23,
        1.48,
    ),
    Category("eletrodomesticos", "home_appliances", 771, 370, 4.04, 0.99, 6.28, 1.47),
    Category("instrumentos_musicais", "musical_instruments", 680, 289, 4.86, 1.20, 7.16, 1.45),
    Category("eletroportateis", "small_appliances", 679, 231, 4.80, 1.26, 7.42, 1.40),
    Category("casa_construcao", "home_construction", 604, 225, 4.54, 0.87, 7.18, 1.33),
    Category("livros_interesse_geral", "books_general_interest", 553, 216, 4.02, 0.86, 6.30, 0.71),
    Category("alimentos", "food", 510, 82, 3.84, 0.64, 6.32, 0.98),
    Category("moveis_sala", "furniture_living_room", 503, 156, 4.66, 0.71, 8.71, 0.93),
    Category("casa_conforto", "home_confort", 434, 111, 4.65, 0.75, 7.71, 1.12),
    Category("bebidas", "drinks", 379, 81, 3.74, 0.78, 6.91, 1.11),
    Category("audio", "audio", 364, 58, 4.32, 1.16, 6.08, 0.77),
    Category("market_place", "market_place", 311, 104, 4.13, 0.82, 6.46, 1.24),
    Category(
        "construcao_ferramentas_iluminacao", "construction_tools_lights", 304, 78, 4.54, 0.87, 7.01, 1.17
    ),
    Category("climatizacao", "air_conditioning", 297, 124, 4.84, 0.89, 7.60, 1.52),
    Category(
        "moveis_cozinha_area_de_servico_jantar_e_jardim",
        "kitchen_dining_laundry_garden_furniture",
        281,
        94,
        4.71,
        0.87,
        8.90,
        1.19,
    ),
    Category("alimentos_bebidas", "food_drink", 278, 104, 3.63, 0.79, 6.58, 1.00),
    Category(
        "industria_comercio_e_negocios", "industry_commerce_and_business", 268, 68, 4.66, 0.64, 8.00, 1.30
    ),
    Category("livros_tecnicos", "books_technical", 267, 123, 3.99, 0.72, 6.68, 0.79),
    Category("telefonia_fixa", "fixed_telephony", 264, 116, 4.34, 1.39, 5.94, 1.07),
    Category("fashion_calcados", "fashion_shoes", 262, 173, 4.27, 0.67, 6.69, 0.75),
    Category("construcao_ferramentas_jardim", "costruction_tools_garden", 238, 88, 4.13, 0.98, 6.88, 1.40),
    Category("eletrodomesticos_2", "home_appliances_2", 238, 90, 5.59, 1.15, 8.69, 1.28),
    Category("agro_industria_e_comercio", "agro_industry_and_commerce", 212, 74, 5.05, 1.40, 7.74, 1.53),
    Category("artes", "art", 209, 55, 4.32, 0.69, 6.74, 1.18),
    Category("pcs", "computers", 203, 30, 6.88, 0.49, 8.61, 1.02),
    Category("sinalizacao_e_seguranca", "signaling_and_security", 199, 93, 4.11, 1.16, 6.74, 1.40),
    Category(
        "construcao_ferramentas_seguranca", "construction_tools_safety", 194, 91, 4.81, 1.01, 6.26, 1.02
    ),
    Category("artigos_de_natal", "christmas_supplies", 153, 65, 3.63, 0.98, 6.56, 1.37),
    Category("fashion_roupa_masculina", "fashion_male_clothing", 132, 95, 4.19, 0.66, 6.20, 0.52),
    Category("fashion_underwear_e_moda_praia", "fashion_underwear_beach", 131, 53, 3.95, 1.01, 5.71, 0.55),
    Category("moveis_quarto", "furniture_bedroom", 109, 45, 4.93, 0.94, 8.68, 1.53),
    Category(
        "construcao_ferramentas_ferramentas", "costruction_tools_tools", 103, 39, 4.33, 1.11, 6.60, 0.89
    ),
    Category("tablets_impressao_imagem", "tablets_printing_image", 83, 9, 4.34, 0.53, 5.71, 0.71),
    Category(
        "portateis_casa_forno_e_cafe", "small_appliances_home_oven_and_coffee", 76, 31, 5.72, 1.44, 7.14, 1.49
    ),
    Category("cine_foto", "cine_photo", 72, 28, 4.10, 0.99, 6.04, 1.12),
    Category("dvds_blu_ray", "dvds_blu_ray", 64, 48, 3.48, 1.09, 5.56, 0.74),
    Category("livros_importados", "books_imported", 60, 31, 4.08, 0.68, 6.25, 0.56),
    Category("fashion_roupa_feminina", "fashio_female_clothing", 48, 27, 3.89, 0.58, 6.22, 0.51),
    Category("artigos_de_festas", "party_supplies", 43, 26, 4.14, 1.03, 7.01, 1.42),
    Category("fraldas_higiene", "diapers_and_hygiene", 39, 12, 3.59, 0.42, 6.37, 1.03),
    Category(
        "moveis_colchao_e_estofado", "furniture_mattress_and_upholstery", 38, 10, 4.59, 0.51, 8.91, 1.23
    ),
    Category("musica", "music", 38, 27, 4.22, 1.39, 6.03, 1.31),
    Category("flores", "flowers", 33, 14, 3.40, 0.48, 6.64, 1.03),
    Category("casa_conforto_2", "home_comfort_2", 30, 5, 2.81, 0.70, 6.96, 0.88),
    Category("fashion_esporte", "fashion_sport", 30, 19, 4.09, 0.55, 5.58, 0.67),
    Category("artes_e_artesanato", "arts_and_craftmanship", 24, 19, 3.87, 1.00, 6.44, 1.11),
    Category("portateis_cozinha_e_preparadores_de_alimentos", None, 15, 10, 4.27, 1.65, 7.23, 1.01),
    Category("cds_dvds_musicais", "cds_dvds_musicals", 14, 1, 4.20, 0.90, 6.60, 1.20),
    Category("la_cuisine", "la_cuisine", 14, 10, 4.86, 0.58, 7.99, 0.98),
    Category("pc_gamer", None, 9, 3, 4.20, 0.90, 6.60, 1.20),
    Category("fashion_roupa_infanto_juvenil", "fashion_childrens_clothes", 8, 5, 4.17, 0.47, 5.54, 0.81),
    Category("seguros_e_servicos", "security_and_services", 2, 2, 4.20, 0.90, 6.60, 1.20),
)

PRODUCTS_WITHOUT_CATEGORY = 610 / 32951
