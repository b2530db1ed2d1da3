from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse


class SignIn(LoginView):
    pass


class SignOut(LogoutView):
    pass


def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse("being built")
