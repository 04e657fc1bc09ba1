"""The URLs of the Django handler."""

import inngest.django

from functions import client, functions

urlpatterns = [inngest.django.serve(client, functions)]
