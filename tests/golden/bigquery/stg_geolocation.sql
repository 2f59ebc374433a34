-- view, shop_staging.stg_geolocation
with source as (

    select * from `a-project`.`shop_raw`.`geolocation`

),

renamed as (

    select
        -- place
        geolocation_zip_code_prefix as zip_code_prefix,
        geolocation_city as city,
        geolocation_state as state,

        -- coordinates
        geolocation_lat as latitude,
        geolocation_lng as longitude,

        -- load
        cast(load_timestamp as datetime) as load_timestamp,
        load_date
    from source

)

select * from renamed
