"""How accounts sign in: django-allauth's pipeline, with what this site decides differently."""
