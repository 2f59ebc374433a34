-- table, shop_marts.dim_date
with days as (

    select full_date
    from unnest(generate_date_array(cast('2016-01-01' as date), cast('2020-12-31' as date))) as full_date

),

calendar as (

    select
        full_date,
        extract(year from full_date) as year,
        extract(month from full_date) as month,
        extract(day from full_date) as day,
        extract(dayofweek from full_date) as day_of_week
    from days

),

-- Holidays: each rule of the seed names a fixed day of the year or a distance from Easter.

easter as (

    select 2016 as year, cast('2016-03-27' as date) as easter_sunday union all
    select 2017 as year, cast('2017-04-16' as date) as easter_sunday union all
    select 2018 as year, cast('2018-04-01' as date) as easter_sunday union all
    select 2019 as year, cast('2019-04-21' as date) as easter_sunday union all
    select 2020 as year, cast('2020-04-12' as date) as easter_sunday
    

),

holiday_rules as (

    select * from `a-project`.`shop_staging`.`brazilian_holidays`

),

-- Two can fall on one day: in 2019 Tiradentes was Easter Sunday.

holidays as (

    select
        calendar.full_date,
        string_agg(
        holiday_rules.holiday_name,
        ' / '
        order by holiday_rules.holiday_name
        
        ) as holiday_name
    from calendar
    inner join easter
        on calendar.year = easter.year
    inner join holiday_rules
        on calendar.year >= coalesce(holiday_rules.first_year, calendar.year)
        and (
            (calendar.month = holiday_rules.month and calendar.day = holiday_rules.day)
            or 

    datetime_diff(
        cast(calendar.full_date as datetime),
        cast(easter.easter_sunday as datetime),
        day
    )

   = holiday_rules.days_from_easter
        )
    group by calendar.full_date

),

final as (

    select
        -- keys
        cast(
        extract(year from calendar.full_date) * 10000
        + extract(month from calendar.full_date) * 100
        + extract(day from calendar.full_date)
        as int64
    ) as date_id,
        calendar.full_date,

        -- parts
        calendar.year,
        calendar.month,
        calendar.day,
        calendar.day_of_week,
        format_date('%A', calendar.full_date) as day_name,
        format_date('%B', calendar.full_date) as month_name,
        extract(isoweek from calendar.full_date) as week_of_year,
        extract(quarter from calendar.full_date) as quarter_of_year,
        format_date('%Y-%m', calendar.full_date) as year_month,

        -- flags
        calendar.day_of_week in (1, 7) as is_weekend,
        holidays.holiday_name is not null as is_holiday,
        holidays.holiday_name,
        case
            when calendar.month in (12, 1, 2) then 'Summer'
            when calendar.month in (3, 4, 5) then 'Autumn'
            when calendar.month in (6, 7, 8) then 'Winter'
            else 'Spring'
        end as season,
        calendar.day = 1 as is_first_day_of_month,
        calendar.full_date = cast(cast(
        

        datetime_add(
            cast( 

        datetime_add(
            cast( timestamp_trunc(
        cast(calendar.full_date as timestamp),
        month
    ) as datetime),
        interval 1 month
        )

 as datetime),
        interval -1 day
        )


        as date) as date) as is_last_day_of_month
    from calendar
    left join holidays
        on calendar.full_date = holidays.full_date

)

select * from final
order by full_date
