"""An application with Flask-Login and Flask-WTF, as they are."""

from __future__ import annotations

import asyncio

from flask import Flask, Response, abort, redirect, render_template_string, url_for
from flask.typing import ResponseReturnValue
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from taskhub.asgi import OnLoop, asgi_app, await_

USERS = {"ann": "secret", "bob": "hidden"}


class App(OnLoop, Flask):
    pass


class User(UserMixin):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.id = name


class SignIn(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", [InputRequired()])
    password = PasswordField("Password", [InputRequired()])

    def validate_name(self, field: StringField) -> None:
        # A validator is synchronous, the directory of users is not.
        if not await_(exists(field.data)):
            raise ValidationError("nobody of that name")


async def exists(name: str) -> bool:
    await asyncio.sleep(0.001)
    return name in USERS


app = App(__name__)
app.secret_key = "for tests"
CSRFProtect(app)
logins = LoginManager(app)
logins.login_view = "sign_in"


@logins.user_loader  # type: ignore[untyped-decorator]
def load_user(name: str) -> User | None:
    return User(name) if await_(exists(name)) else None


@app.route("/sign-in", methods=["GET", "POST"])
async def sign_in() -> ResponseReturnValue:
    form = SignIn()
    if form.validate_on_submit():
        if USERS[form.name.data] != form.password.data:
            abort(403)
        login_user(User(form.name.data))
        return redirect(url_for("private"))
    return render_template_string("{{ form.csrf_token }}{{ form.errors }}", form=form)


@app.get("/private")
@login_required  # type: ignore[untyped-decorator]
async def private() -> ResponseReturnValue:
    await asyncio.sleep(0.001)
    return Response(f"for {current_user.id}")


@app.post("/sign-out")
@login_required  # type: ignore[untyped-decorator]
async def sign_out() -> ResponseReturnValue:
    logout_user()
    return "out"


application = asgi_app(app)
