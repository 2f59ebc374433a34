-- Both facts look at the same items: each item of the one is in the other, with the same references.
select
    sales.order_id,
    sales.order_item_id
from {{ ref('fact_sales') }} as sales
full outer join {{ ref('fact_fulfillment') }} as fulfillment
    on sales.order_id = fulfillment.order_id
    and sales.order_item_id = fulfillment.order_item_id
    and sales.customer_id = fulfillment.customer_id
    and sales.product_id = fulfillment.product_id
    and sales.seller_id = fulfillment.seller_id
    and sales.order_status = fulfillment.order_status
where sales.order_id is null
    or fulfillment.order_id is null
