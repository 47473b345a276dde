"""WeCom (企业微信) as a platform."""
