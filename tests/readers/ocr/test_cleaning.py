from PIL import Image, ImageChops

from docqa.readers.ocr.cleaning import MUCH_NOISE, cleaned, noise_of
from tests.readers.ocr.scans import picture_of, small_page
from tests.readers.pdf_maker import LOREM, wrapped

PAGE = small_page(wrapped(LOREM * 4, 60))


def noisy(picture, strength):
    return ImageChops.add(picture, Image.effect_noise(picture.size, strength), 1, -128)


def test_a_clean_page_is_left_as_it_is():
    picture = picture_of(PAGE, dpi=300)

    assert noise_of(picture) == 0
    assert cleaned(picture) is picture


def test_a_noisy_page_has_less_noise_afterwards():
    picture = noisy(picture_of(PAGE, dpi=300), 30)

    assert noise_of(picture) >= MUCH_NOISE
    assert noise_of(cleaned(picture)) < noise_of(picture) / 2


def test_a_picture_of_a_few_pixels_has_no_noise():
    assert noise_of(Image.new("L", (1, 1), 7)) == 0
