sign-in-title = Sign in
sign-in-name = Username
sign-in-password = Password
sign-in-submit = Sign in
sign-in-openid = Sign in with your school account
sign-in-failed = The username or the password is wrong. Check them and try again.
sign-in-wait = { $seconds ->
    [one] Too many attempts. Wait one second, then try again.
   *[other] Too many attempts. Wait { $seconds } seconds, then try again.
  }
sign-in-plain-loopback = You are connected without HTTPS, on this computer itself. That is fine to try, not to work with.
sign-in-plain-elsewhere = You can only sign in over HTTPS. Ask your administrator for the right address.
sign-in-other-language = Nederlands
