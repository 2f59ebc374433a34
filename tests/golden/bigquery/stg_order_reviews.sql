-- view, shop_staging.stg_order_reviews
with source as (

    select * from `a-project`.`shop_raw`.`order_reviews`

),

renamed as (

    select
        -- ids
        review_id,
        order_id,

        -- score
        review_score,

        -- text
        review_comment_title,
        review_comment_message,

        -- timestamps
        cast(review_creation_date as datetime) as review_creation_date,
        cast(review_answer_timestamp as datetime) as review_answer_date,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
