from django.http import HttpRequest, HttpResponse


def listing(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("being built")


def event(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("being built")


def export(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
