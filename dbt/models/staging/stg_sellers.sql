with source as (

    select * from {{ source('raw', 'sellers') }}

),

renamed as (

    select
        -- ids
        seller_id,

        -- address
        seller_zip_code_prefix as zip_code_prefix,
        seller_city as city,
        seller_state as state,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
