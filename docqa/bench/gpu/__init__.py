"""`python -m docqa.bench.gpu`: the prefix bench on a GPU, with Llama 4 Scout's shape, in one go."""
