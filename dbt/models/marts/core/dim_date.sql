{%- set first_day = var('date_spine_start') | string -%}
{%- set last_day = var('date_spine_end') | string -%}

with days as (

    {{ calendar_days(first_day, last_day) }}

),

calendar as (

    select
        full_date,
        extract(year from full_date) as year,
        extract(month from full_date) as month,
        extract(day from full_date) as day,
        {{ day_of_week('full_date') }} as day_of_week
    from days

),

-- Holidays: each rule of the seed names a fixed day of the year or a distance from Easter.

easter as (

    {% for year in range(first_day[:4] | int, last_day[:4] | int + 1) -%}
    select {{ year }} as year, cast('{{ easter_sunday(year) }}' as date) as easter_sunday
    {%- if not loop.last %} union all{% endif %}
    {% endfor %}

),

holiday_rules as (

    select * from {{ ref('brazilian_holidays') }}

),

-- Two can fall on one day: in 2019 Tiradentes was Easter Sunday.

holidays as (

    select
        calendar.full_date,
        {{ dbt.listagg('holiday_rules.holiday_name', "' / '", 'order by holiday_rules.holiday_name') }} as holiday_name
    from calendar
    inner join easter
        on calendar.year = easter.year
    inner join holiday_rules
        on calendar.year >= coalesce(holiday_rules.first_year, calendar.year)
        and (
            (calendar.month = holiday_rules.month and calendar.day = holiday_rules.day)
            or {{ dbt.datediff('easter.easter_sunday', 'calendar.full_date', 'day') }} = holiday_rules.days_from_easter
        )
    group by calendar.full_date

),

final as (

    select
        -- keys
        {{ date_id('calendar.full_date') }} as date_id,
        calendar.full_date,

        -- parts
        calendar.year,
        calendar.month,
        calendar.day,
        calendar.day_of_week,
        {{ format_date('calendar.full_date', '%A') }} as day_name,
        {{ format_date('calendar.full_date', '%B') }} as month_name,
        {{ iso_week('calendar.full_date') }} as week_of_year,
        extract(quarter from calendar.full_date) as quarter_of_year,
        {{ format_date('calendar.full_date', '%Y-%m') }} as year_month,

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
        calendar.full_date = cast({{ dbt.last_day('calendar.full_date', 'month') }} as date) as is_last_day_of_month
    from calendar
    left join holidays
        on calendar.full_date = holidays.full_date

)

select * from final
order by full_date
