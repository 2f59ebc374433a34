"""Made-up town names and review texts in Portuguese, put together from small parts."""

import unicodedata

TOWN_FIRST = (
    *("são", "santo", "santa", "nova", "novo", "monte", "campo", "porto", "barra", "vila", "lagoa", "serra"),
    *("ribeirão", "pedra", "água", "boa", "rio", "ponte", "morro", "várzea", "cachoeira", "palmeira"),
)
TOWN_SECOND = (
    *("josé", "antônio", "luísa", "inês", "miguel", "bela", "alegre", "verde", "azul", "branca", "grande"),
    *("formosa", "funda", "dourada", "clara", "mansa", "serena", "santana", "aurora", "esperança", "vitória"),
    *("conceição", "jacarandá", "ipê"),
)
TOWN_THIRD = (
    *("", " do norte", " do sul", " do oeste", " da serra", " das flores", " do vale", " da mata"),
    *(
        " do campo",
        " dos pinhais",
        " das pedras",
        " do sertão",
        " da praia",
        " d'água",
        " paulista",
        " mineira",
    ),
)

POSITIVE = (
    *(
        "Produto muito bom, recomendo",
        "Adorei, chegou antes do prazo",
        "Entrega rápida",
        "Excelente qualidade",
    ),
    *("Tudo certo com a compra", "Veio bem embalado e conforme a descrição", "Gostei muito do produto"),
    *("Muito satisfeita, comprarei de novo", "Ótimo custo e benefício", "Nota 10", "Chegou direitinho"),
    *("Vendedor atencioso, entrega no prazo", "Lindo, superou minhas expectativas", "Recomendo a loja"),
)
NEUTRAL = (
    *("Produto bom, mas demorou um pouco", "A cor é diferente da foto", "Atende ao que eu precisava"),
    *("A embalagem chegou amassada", "Esperava mais pelo preço", "Razoável, nada de especial"),
    *("Faltou o manual de instruções", "O tamanho é menor do que eu imaginava", "3 estrelas pela demora"),
    *("Até agora funciona bem", "A entrega atrasou, o produto é bom"),
)
NEGATIVE = (
    *("Não recebi o produto e ninguém responde", "Veio com defeito, quero meu dinheiro de volta"),
    *("Comprei duas unidades e só chegou uma", "A entrega atrasou muito e não recebi nenhum aviso"),
    *("Péssimo atendimento, não recomendo", "Produto de má qualidade, quebrou no primeiro uso"),
    *("Enviaram o modelo errado, e agora não respondem aos meus e-mails", "Propaganda enganosa"),
    *("15 dias de atraso, até agora nada", "Estou aguardando uma solução desde o mês passado"),
    *("O pedido foi cancelado sem explicação", "Não é original como diz o anúncio"),
)
MESSAGES = (NEGATIVE, NEGATIVE, NEUTRAL, POSITIVE, POSITIVE)
"""By score, 1 first."""
TITLES = (
    ("Não recebi", "Péssimo", "Decepcionada", "Não recomendo", "Produto com defeito", "1 estrela, atraso"),
    ("Ruim", "Atrasou", "Veio errado", "Esperava mais", "Incompleto, faltou peça"),
    ("Razoável", "Mais ou menos", "Demorou", "Bom, mas atrasou", "Regular"),
    ("Bom", "Muito bom", "Gostei", "Recomendo", "Boa compra, chegou bem"),
    ("Recomendo", "Ótimo", "Excelente", "Super recomendo", "Nota 10", "Perfeito, adorei", "Muito satisfeito"),
)
ENDINGS = ("", ".", "!", "!!!", "...")
EMOJI = ("👍", "😍", "👏👏", "❤", "😡", "😭", "🤔")
QUOTED = (
    *('. No site diz "entrega garantida"', '. A loja só responde "aguarde"', '. Escolhi a cor "azul, claro"'),
    *('. O aviso era "em trânsito"', '. É "tudo isso" e mais'),
)
CONTACT = "vendas@example.com"


def town_names() -> list[str]:
    """Return every town name that the parts make, with accents, each once."""
    return [
        f"{first} {second}{third}" for third in TOWN_THIRD for first in TOWN_FIRST for second in TOWN_SECOND
    ]


def without_accents(text: str) -> str:
    """Return the text with its accents taken off, as most of the original's city names are written."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
