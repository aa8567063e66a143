"""The plugin gateway: claims and runs steps, hosts the plugins, opens secrets."""
