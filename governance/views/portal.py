from django.http import HttpRequest, HttpResponse


def portal(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse("being built")
