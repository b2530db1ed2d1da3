from django.http import HttpRequest, HttpResponse


def listing(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("being built")


def area(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("being built")
