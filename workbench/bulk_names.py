"""Names and places for the filled records, put together from parts so that there are very many. All invented."""

GIVEN = """
    Ada Alfie Amira Anton Arlo Asha Bea Benno Bilal Bruna Caleb Cara Celia Colm Cora Dara Delia Dev Dina Dougal Eda
    Edie Elif Elio Ellis Emre Enid Esme Ezra Fay Felix Fern Finn Flora Freya Gia Gil Greta Gwen Hana Harvey Hattie
    Hugo Ida Idris Ilan Imani Ines Iona Isla Ivo Jago Jamal Janek Jem Joss Juno Kai Kasia Keir Kezia Kian Kit Lamar
    Lara Leif Lena Leon Lila Linus Lorna Luca Mabel Magnus Maia Malik Mara Marek Milo Mina Mira Nadia Nell Nia Nico
    Noor Odette Olga Oona Orla Oscar Otis Owen Pari Perla Petra Pia Quinn Rafe Rania Reza Rhys Rita Roan Rosa Ruben
    Ruby Sami Sana Saul Selma Seth Shay Sian Sofia Stefan Suki Tamsin Tariq Teo Tess Thea Tia Tobin Uma Una Vera
    Viktor Vita Wanda Wilf Xanthe Yara Yusuf Zadie Zain Zora
""".split()  # noqa: SIM905

STEMS = """
    Ald Arb Ash Bal Barn Beck Bel Birt Blen Bram Bran Brod Cal Carn Chal Cold Cor Crag Dal Dun Eld Elm Fal Farn Fen
    Gar Glen Gor Hal Harg Hol Hux Ing Ivar Jor Kel Kirk Lam Lang Lor Mal Mar Mel Mor Nash Nor Oak Ol Pem Pol Quar
    Rad Rav Rock Sed Shel Stan Stro Tal Thor Trem Ul Van Wal Whit Yar
""".split()  # noqa: SIM905

ENDS = """
    aby acre adine am ant arden aster ay beck borne bright bury by combe cott den dine don ell erby ers ewell field
    ford gate grave ham hurst ick idge ington lake land ley low man mere mont more nell oway ridge shaw stead stow
    stroud thorpe ton vale wald ward well wick win worth
""".split()  # noqa: SIM905

STREETS = ["Road", "Street", "Lane", "Close", "Avenue", "Gardens", "Terrace", "Way", "Court", "Grove", "Hill", "Mews"]

TEAMS = {
    "HGY": "Haringey CAIT",
    "ENF": "Enfield CAIT",
    **{
        code: f"{name} CAIT"
        for code, name in (
            ("BRA", "Branford"),
            ("COL", "Colmere"),
            ("DUN", "Dunstow"),
            ("ELM", "Elmgate"),
            ("FEN", "Fenwick"),
            ("GAR", "Garthorpe"),
            ("HAL", "Halden"),
            ("ING", "Ingmere"),
            ("JOR", "Jorworth"),
            ("KEL", "Kelham"),
            ("LOR", "Lorcombe"),
            ("MAR", "Marstead"),
            ("NOR", "Norvale"),
            ("OAK", "Oakhurst"),
            ("PEM", "Pembeck"),
            ("RAD", "Radley Vale"),
            ("THO", "Thornby"),
        )
    },
}
