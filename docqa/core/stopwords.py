"""Function words that say nothing about a text's subject; short lists, for frequent languages.

Other languages do without: words that most passages share weigh next to nothing in the ranking.
"""

_LISTS = {
    "en": """a an the of to in on at by for from with without into onto upon as and or nor but if
        then than that this these those it its is are was were be been being am do does did done
        doing has have had having i you he she we they me him her us them my your his our their
        there here so such also very can could would should shall may might must will
        don doesn didn isn aren wasn weren hasn haven hadn wouldn couldn shouldn ain
        what which who whom whose when where why how many much""",
    "de": """der die das den dem des ein eine einer eines einem einen und oder aber in im an am auf
        aus bei beim mit nach von vom vor zu zum zur für über unter durch um als wie wenn dass ist
        sind war waren wird werden wurde wurden hat haben hatte sein seine ihr ihre es er sie wir
        ich du nicht auch so sich man was wer wo wann warum welche welcher welches""",
    "fr": """le la les un une des du de d l à au aux et ou mais en dans par pour sur avec sans sous
        que qui quoi dont où ce cet cette ces il elle ils elles on nous vous je tu se son sa ses
        leur leurs est sont était été être a ont avait avoir ne pas plus comme quand comment
        pourquoi quel quelle quels quelles""",
    "es": """el la los las un una unos unas de del a al y o u e pero en con por para sin sobre entre
        que quien cual cuales cuando donde como porque qué quién cuál cuándo dónde cómo es son era
        fue ser ha han había se su sus lo le les no más este esta estos estas""",
    "it": """il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli
        alle da dal dalla in nel nella con su sul sulla per tra fra e o ma che chi cui quale quali
        quando dove come perché è sono era erano essere ha hanno si non più questo questa""",
    "pt": """o a os as um uma uns umas de do da dos das em no na nos nas por para com sem sobre e ou
        mas que quem qual quais quando onde como porque é são era foi ser tem têm se seu sua seus
        suas não mais este esta""",
    "nl": """de het een en of maar in op aan bij met naar van voor door over onder uit om te als dan
        dat die dit deze is zijn was waren wordt worden werd heeft hebben had niet ook er zich wat
        wie waar wanneer waarom hoe welke""",
}

_WORDS = {language: frozenset(words.split()) for language, words in _LISTS.items()}


def stop_words(language: str) -> frozenset[str]:
    """The function words of a language (`en`), case-folded; none where there is no list."""
    return _WORDS.get(language, frozenset())
