"""How well passages are ranked: real questions with known answers, beside plain BM25 and floors.

`grounds` says what is asked of what; `contracts`, `code` and `others` make the grounds of each set;
`measure` asks them with each ranker; `scale` asks a million passages.
"""
