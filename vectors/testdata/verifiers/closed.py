# Refuses every request.
def verify(**request):
    return False
