from __future__ import annotations

app_name = "requirements_registry"
urlpatterns: list = []
