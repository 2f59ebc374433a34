-- table, shop_marts.fact_reviews, partitioned by month of review_creation_date, clustered by review_score
with reviews as (

    select * from `a-project`.`shop_staging`.`stg_order_reviews`

),

orders as (

    select * from `a-project`.`shop_staging`.`stg_orders`

),

final as (

    select
        -- ids
        reviews.review_id,
        reviews.order_id,
        orders.customer_id,

        -- score
        reviews.review_score,
        reviews.review_score >= 4 as is_positive_review,
        reviews.review_score <= 2 as is_negative_review,

        -- text
        reviews.review_comment_title,
        reviews.review_comment_message,
        length(reviews.review_comment_message) as review_length,
        reviews.review_comment_message is not null as has_comment,

        -- timestamps
        reviews.review_creation_date,
        cast(
        extract(year from reviews.review_creation_date) * 10000
        + extract(month from reviews.review_creation_date) * 100
        + extract(day from reviews.review_creation_date)
        as int64
    ) as review_creation_date_id,
        reviews.review_answer_date,
        cast(
        extract(year from reviews.review_answer_date) * 10000
        + extract(month from reviews.review_answer_date) * 100
        + extract(day from reviews.review_answer_date)
        as int64
    ) as review_answer_date_id,
        round(cast(

    datetime_diff(
        cast(reviews.review_answer_date as datetime),
        cast(reviews.review_creation_date as datetime),
        second
    )

   / 3600.0 as numeric), 2) as response_time_hours,

        -- load
        reviews.load_timestamp
    from reviews
    left join orders
        on reviews.order_id = orders.order_id

)

select * from final
