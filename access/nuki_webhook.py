"""Where Nuki Web calls us: news that something changed on a lock, and nothing more is believed of it."""

from django.utils.timezone import now
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access import attention
from nuki_gateway import webhooks
from properties import tenancy
from properties.models import NukiAccount


class NukiWebhook(APIView):
    """One account's address. Whoever cannot sign gets 401, and nothing has happened."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = ()  # the signature is over the body's bytes as they came

    def post(self, request: Request, account_id: int) -> Response:
        """Make the lock that the delivery is about due; answer at once."""
        body: bytes = request.body
        if len(body) > webhooks.LARGEST_DELIVERY:
            return Response(status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
        with tenancy.across_organizations(because="the caller shows whose it is by its signature"):
            account = NukiAccount.objects.select_related("organization").filter(pk=account_id).first()
        try:
            webhooks.check(
                secret=account.webhook_secret if account else "",
                body=body,
                signed=request.headers.get(webhooks.SIGNATURE_HEADER, ""),
            )
            delivery = webhooks.read(body)
        except webhooks.ForgedDelivery:
            return Response(status=status.HTTP_401_UNAUTHORIZED)
        except webhooks.UnreadableDelivery:
            return Response(status=status.HTTP_400_BAD_REQUEST)
        if account is not None and delivery.smartlock_id is not None:
            with tenancy.within(account.organization):
                attention.lock_changed(
                    account=account,
                    smartlock_id=delivery.smartlock_id,
                    feature=delivery.feature,
                    now=now(),
                )
        return Response(status=status.HTTP_204_NO_CONTENT)
