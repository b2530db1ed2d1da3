from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    """Show the state of the flame."""
    return HttpResponse("Flamekeeper")
