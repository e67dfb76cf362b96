"""Turns what is known of orders into the API's forms; phones by their last three digits."""

from datetime import datetime
from typing import cast

from paranad.control import schemas, schemas_orders
from paranad.control.views import Views, said_fields
from paranad.orders.service import FoundOrder, UnshippedOrder, WholeOrder
from paranad.orders.shop_rows import ShopOrder
from paranad.orders.standing import Standing
from paranad.queue.model import Job
from paranad.said import Said
from paranad.shipments.phone import masked

NextLook = tuple[datetime | None, Job | None]
"""When the courier's list is asked for an unclear shipment, and the job that waits to send it."""


class OrderViews:
    """Shows orders with their instants as *show* has them."""

    def __init__(self, show: Views) -> None:
        self.show = show

    def unshipped(self, order: UnshippedOrder) -> schemas_orders.UnshippedOrder:
        """Show an order that has no shipment."""
        return schemas_orders.UnshippedOrder(
            order_id=order.order_id,
            created_at=self.show.at_or_none(order.made_at),
            standing=cast("schemas_orders.Standing", order.stand.standing),
            **said_fields(order.stand.reason),
            until=self.show.at_or_none(order.stand.until),
            job_id=order.job and order.job.id,
        )

    def found(self, found: FoundOrder) -> schemas_orders.FoundOrder:
        """Show an order that a text has found."""
        order = found.order
        return schemas_orders.FoundOrder(
            order_id=order.id,
            created_at=self.show.at_or_none(order.made_at),
            status=order.status,
            customer=order.customer,
            phone=masked(order.phone),
            courier_id=found.courier_id,
            standing=_standing(found.standing),
        )

    def whole(self, order: WholeOrder, look: NextLook, elsewhere: Said | None) -> schemas_orders.Order:
        """Show everything about one order; *elsewhere* says which other machine may have sent it."""
        shop_shipments = order.shop.shipments if order.shop else ()
        return schemas_orders.Order(
            order_id=order.order_id,
            shop=order.shop and self.shop_order(order.shop),
            shop_reason=order.shop_why and order.shop_why.text,
            shop_why=schemas.remark_of(order.shop_why),
            shop_shipments=[
                schemas_orders.ShopShipment(
                    courier_id=each.courier_id,
                    status=each.status,
                    status_id=each.status_id,
                    synced_at=self.show.at_or_none(each.synced_at),
                )
                for each in shop_shipments
            ],
            standing=_standing(order.stand.standing),
            **said_fields(order.stand.reason),
            until=self.show.at_or_none(order.stand.until),
            shipment=order.shipment and self.show.shipment(order.shipment, *look),
            elsewhere=elsewhere and elsewhere.text,
            elsewhere_why=schemas.remark_of(elsewhere),
            jobs=[self.show.job(job) for job in order.jobs],
            job_id=order.job and order.job.id,
            actions=cast("list[schemas_orders.OrderAction]", list(order.actions)),
        )

    def shop_order(self, order: ShopOrder) -> schemas_orders.ShopOrder:
        """Show what the shop says of an order."""
        return schemas_orders.ShopOrder(
            number=order.number,
            status=order.status,
            created_at=self.show.at_or_none(order.made_at),
            trashed=order.trashed,
            total=order.total,
            items=order.items,
            customer=order.customer,
            phone=masked(order.phone),
            address=order.address,
        )


def _standing(standing: Standing | None) -> schemas_orders.Standing | None:
    return standing.value if standing else None
