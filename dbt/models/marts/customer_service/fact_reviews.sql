{{ config(partition_by=by_month('review_creation_date'), cluster_by=['review_score']) }}

with reviews as (

    select * from {{ ref('stg_order_reviews') }}

),

orders as (

    select * from {{ ref('stg_orders') }}

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
        {{ date_id('reviews.review_creation_date') }} as review_creation_date_id,
        reviews.review_answer_date,
        {{ date_id('reviews.review_answer_date') }} as review_answer_date_id,
        {{ hours_between('reviews.review_creation_date', 'reviews.review_answer_date') }} as response_time_hours,

        -- load
        reviews.load_timestamp
    from reviews
    left join orders
        on reviews.order_id = orders.order_id

)

select * from final
