{% test versions_do_not_overlap(model, key) %}
    {#- The versions that a snapshot holds of one key follow each other: none begins before the last one ended. -#}
    with versions as (

        select
            {{ key }},
            dbt_valid_from,
            dbt_valid_to,
            lead(dbt_valid_from) over (partition by {{ key }} order by dbt_valid_from) as next_valid_from
        from {{ model }}

    )

    select * from versions
    where next_valid_from is not null
        and (dbt_valid_to is null or dbt_valid_to > next_valid_from)
{% endtest %}
