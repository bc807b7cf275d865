"""gunicorn reads this by itself where it is started in this folder."""

logger_class = "customerfocus.access_log.AccessLog"
