"""Django's database backends where ours differ."""
