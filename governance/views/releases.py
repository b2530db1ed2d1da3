from django.http import HttpRequest, HttpResponse


def listing(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("being built")


def release(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("being built")
