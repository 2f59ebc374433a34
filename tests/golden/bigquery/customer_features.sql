WITH `t25` AS (
  SELECT
    `t10`.`order_id`,
    `t21`.`customer_unique_id`,
    `t10`.`order_status`,
    `t23`.`purchase_date`
  FROM `a-project`.`shop_marts`.`fact_orders` AS `t10`
  INNER JOIN (
    SELECT
      `t3`.`customer_id`,
      `t3`.`customer_unique_id`
    FROM `a-project`.`shop_marts`.`dim_customer` AS `t3`
  ) AS `t21`
    ON `t10`.`customer_id` = `t21`.`customer_id`
  INNER JOIN (
    SELECT
      `t4`.`date_id` AS `order_purchase_date_id`,
      `t4`.`full_date` AS `purchase_date`
    FROM `a-project`.`shop_marts`.`dim_date` AS `t4`
  ) AS `t23`
    ON `t10`.`order_purchase_date_id` = `t23`.`order_purchase_date_id`
)
SELECT
  `t61`.`customer_unique_id`,
  `t61`.`recency`,
  COALESCE(`t61`.`frequency`, 0) AS `frequency`,
  COALESCE(`t61`.`monetary`, 0) AS `monetary`,
  COALESCE(`t61`.`number_of_orders`, 0) AS `number_of_orders`,
  `t61`.`avg_order_value`,
  `t61`.`avg_item_price`,
  COALESCE(`t61`.`total_order_items`, 0) AS `total_order_items`,
  COALESCE(`t61`.`total_payment_value`, 0) AS `total_payment_value`,
  `t61`.`avg_payment_installments`,
  `t61`.`avg_review_score`,
  COALESCE(`t61`.`num_reviews`, 0) AS `num_reviews`,
  `t61`.`avg_product_category_value`,
  COALESCE(`t61`.`num_unique_products`, 0) AS `num_unique_products`,
  COALESCE(`t61`.`num_categories`, 0) AS `num_categories`,
  `t61`.`freight_share`,
  `t61`.`late_share`,
  COALESCE(`t61`.`num_canceled_orders`, 0) AS `num_canceled_orders`,
  `t61`.`avg_days_between_orders`,
  `t61`.`first_purchase_date`,
  `t61`.`last_purchase_date`
FROM (
  SELECT
    `t60`.*
    EXCEPT (`customer_unique_id_right`)
  FROM (
    SELECT
      `t59`.`customer_unique_id`,
      `t59`.`first_purchase_date`,
      `t59`.`last_purchase_date`,
      `t59`.`number_of_orders`,
      `t59`.`num_canceled_orders`,
      `t59`.`frequency`,
      `t59`.`recency`,
      `t59`.`avg_days_between_orders`,
      `t59`.`monetary`,
      `t59`.`avg_order_value`,
      `t59`.`avg_item_price`,
      `t59`.`total_order_items`,
      `t59`.`num_unique_products`,
      `t59`.`num_categories`,
      `t59`.`avg_product_category_value`,
      `t59`.`freight_share`,
      `t59`.`total_payment_value`,
      `t59`.`avg_payment_installments`,
      `t59`.`avg_review_score`,
      `t59`.`num_reviews`,
      `t48`.`customer_unique_id` AS `customer_unique_id_right`,
      `t48`.`late_share`
    FROM (
      SELECT
        `t57`.*
        EXCEPT (`customer_unique_id_right`)
      FROM (
        SELECT
          `t56`.`customer_unique_id`,
          `t56`.`first_purchase_date`,
          `t56`.`last_purchase_date`,
          `t56`.`number_of_orders`,
          `t56`.`num_canceled_orders`,
          `t56`.`frequency`,
          `t56`.`recency`,
          `t56`.`avg_days_between_orders`,
          `t56`.`monetary`,
          `t56`.`avg_order_value`,
          `t56`.`avg_item_price`,
          `t56`.`total_order_items`,
          `t56`.`num_unique_products`,
          `t56`.`num_categories`,
          `t56`.`avg_product_category_value`,
          `t56`.`freight_share`,
          `t56`.`total_payment_value`,
          `t56`.`avg_payment_installments`,
          `t41`.`customer_unique_id` AS `customer_unique_id_right`,
          `t41`.`avg_review_score`,
          `t41`.`num_reviews`
        FROM (
          SELECT
            `t54`.*
            EXCEPT (`customer_unique_id_right`)
          FROM (
            SELECT
              `t53`.`customer_unique_id`,
              `t53`.`first_purchase_date`,
              `t53`.`last_purchase_date`,
              `t53`.`number_of_orders`,
              `t53`.`num_canceled_orders`,
              `t53`.`frequency`,
              `t53`.`recency`,
              `t53`.`avg_days_between_orders`,
              `t53`.`monetary`,
              `t53`.`avg_order_value`,
              `t53`.`avg_item_price`,
              `t53`.`total_order_items`,
              `t53`.`num_unique_products`,
              `t53`.`num_categories`,
              `t53`.`avg_product_category_value`,
              `t53`.`freight_share`,
              `t42`.`customer_unique_id` AS `customer_unique_id_right`,
              `t42`.`total_payment_value`,
              `t42`.`avg_payment_installments`
            FROM (
              SELECT
                `t51`.*
                EXCEPT (`customer_unique_id_right`)
              FROM (
                SELECT
                  `t46`.`customer_unique_id`,
                  `t46`.`first_purchase_date`,
                  `t46`.`last_purchase_date`,
                  `t46`.`number_of_orders`,
                  `t46`.`num_canceled_orders`,
                  `t46`.`frequency`,
                  `t46`.`recency`,
                  `t46`.`avg_days_between_orders`,
                  `t50`.`customer_unique_id` AS `customer_unique_id_right`,
                  `t50`.`monetary`,
                  `t50`.`avg_order_value`,
                  `t50`.`avg_item_price`,
                  `t50`.`total_order_items`,
                  `t50`.`num_unique_products`,
                  `t50`.`num_categories`,
                  `t50`.`avg_product_category_value`,
                  `t50`.`freight_share`
                FROM (
                  SELECT
                    `t43`.*
                    EXCEPT (`customer_unique_id_right`)
                  FROM (
                    SELECT
                      `t22`.`customer_unique_id`,
                      `t37`.`customer_unique_id` AS `customer_unique_id_right`,
                      `t37`.`first_purchase_date`,
                      `t37`.`last_purchase_date`,
                      `t37`.`number_of_orders`,
                      `t37`.`num_canceled_orders`,
                      `t37`.`frequency`,
                      `t37`.`recency`,
                      `t37`.`avg_days_between_orders`
                    FROM (
                      SELECT DISTINCT
                        `t3`.`customer_unique_id`
                      FROM `a-project`.`shop_marts`.`dim_customer` AS `t3`
                    ) AS `t22`
                    LEFT OUTER JOIN (
                      SELECT
                        `t30`.`customer_unique_id`,
                        `t30`.`first_purchase_date`,
                        `t30`.`last_purchase_date`,
                        `t30`.`number_of_orders`,
                        `t30`.`num_canceled_orders`,
                        `t30`.`frequency`,
                        GREATEST(
                          DATE_DIFF(
                            DATE_ADD(
                              (
                                SELECT
                                  MAX(`t26`.`purchase_date`) AS `Max_purchase_date`
                                FROM `t25` AS `t26`
                              ),
                              INTERVAL '1' DAY
                            ),
                            `t30`.`last_purchase_date`,
                            DAY
                          ),
                          0
                        ) AS `recency`,
                        ieee_divide(
                          CAST(DATE_DIFF(`t30`.`last_purchase_date`, `t30`.`first_purchase_date`, DAY) AS FLOAT64),
                          NULLIF(CAST(`t30`.`frequency` AS FLOAT64), 0)
                        ) AS `avg_days_between_orders`
                      FROM (
                        SELECT
                          `t26`.`customer_unique_id`,
                          MIN(`t26`.`purchase_date`) AS `first_purchase_date`,
                          MAX(`t26`.`purchase_date`) AS `last_purchase_date`,
                          COUNT(DISTINCT `t26`.`order_id`) AS `number_of_orders`,
                          COUNT(
                            DISTINCT IF(`t26`.`order_status` IN ('canceled', 'unavailable'), `t26`.`order_id`, NULL)
                          ) AS `num_canceled_orders`,
                          COUNT(DISTINCT `t26`.`purchase_date`) - 1 AS `frequency`
                        FROM `t25` AS `t26`
                        GROUP BY
                          1
                      ) AS `t30`
                    ) AS `t37`
                      ON `t22`.`customer_unique_id` = `t37`.`customer_unique_id`
                  ) AS `t43`
                ) AS `t46`
                LEFT OUTER JOIN (
                  SELECT
                    `t45`.`customer_unique_id`,
                    SUM(`t45`.`price`) AS `monetary`,
                    ieee_divide(
                      CAST(SUM(`t45`.`price`) AS FLOAT64),
                      NULLIF(CAST(COUNT(DISTINCT `t45`.`order_id`) AS FLOAT64), 0)
                    ) AS `avg_order_value`,
                    ieee_divide(
                      CAST(SUM(`t45`.`price`) AS FLOAT64),
                      NULLIF(CAST(COUNT(`t45`.`price`) AS FLOAT64), 0)
                    ) AS `avg_item_price`,
                    COUNT(*) AS `total_order_items`,
                    COUNT(DISTINCT `t45`.`product_id`) AS `num_unique_products`,
                    COUNT(DISTINCT `t45`.`product_category_name`) AS `num_categories`,
                    ieee_divide(CAST(SUM(`t45`.`category_value`) AS FLOAT64), NULLIF(CAST(COUNT(*) AS FLOAT64), 0)) AS `avg_product_category_value`,
                    ieee_divide(
                      CAST(SUM(`t45`.`freight_value`) AS FLOAT64),
                      NULLIF(CAST(SUM(`t45`.`total_item_value`) AS FLOAT64), 0)
                    ) AS `freight_share`
                  FROM (
                    SELECT
                      `t35`.`order_id`,
                      `t35`.`customer_unique_id`,
                      `t35`.`order_item_id`,
                      `t35`.`seller_id`,
                      `t35`.`product_id`,
                      `t35`.`order_status`,
                      `t35`.`order_purchase_date`,
                      `t35`.`order_purchase_date_id`,
                      `t35`.`price`,
                      `t35`.`freight_value`,
                      `t35`.`total_item_value`,
                      `t35`.`recognized_revenue`,
                      `t35`.`order_count`,
                      `t35`.`delivered_flag`,
                      `t35`.`load_timestamp`,
                      `t35`.`product_category_name`,
                      CAST(ieee_divide(
                        CAST(SUM(`t35`.`price`) OVER (
                          PARTITION BY `t35`.`product_category_name`
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                        ) AS FLOAT64),
                        NULLIF(
                          CAST(COUNT(`t35`.`price`) OVER (
                            PARTITION BY `t35`.`product_category_name`
                            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                          ) AS FLOAT64),
                          0
                        )
                      ) AS NUMERIC) AS `category_value`
                    FROM (
                      SELECT
                        `t34`.*
                        EXCEPT (`product_id_right`)
                      FROM (
                        SELECT
                          `t28`.`order_id`,
                          `t28`.`customer_unique_id`,
                          `t19`.`order_item_id`,
                          `t19`.`seller_id`,
                          `t19`.`product_id`,
                          `t19`.`order_status`,
                          `t19`.`order_purchase_date`,
                          `t19`.`order_purchase_date_id`,
                          `t19`.`price`,
                          `t19`.`freight_value`,
                          `t19`.`total_item_value`,
                          `t19`.`recognized_revenue`,
                          `t19`.`order_count`,
                          `t19`.`delivered_flag`,
                          `t19`.`load_timestamp`,
                          `t24`.`product_id` AS `product_id_right`,
                          `t24`.`product_category_name`
                        FROM (
                          SELECT
                            `t26`.`order_id`,
                            `t26`.`customer_unique_id`
                          FROM `t25` AS `t26`
                        ) AS `t28`
                        INNER JOIN (
                          SELECT
                            `t6`.*
                            EXCEPT (`customer_id`)
                          FROM `a-project`.`shop_marts`.`fact_sales` AS `t6`
                        ) AS `t19`
                          ON `t28`.`order_id` = `t19`.`order_id`
                        LEFT OUTER JOIN (
                          SELECT
                            `t7`.`product_id`,
                            `t7`.`product_category_name`
                          FROM `a-project`.`shop_marts`.`dim_product` AS `t7`
                        ) AS `t24`
                          ON `t19`.`product_id` = `t24`.`product_id`
                      ) AS `t34`
                    ) AS `t35`
                  ) AS `t45`
                  GROUP BY
                    1
                ) AS `t50`
                  ON `t46`.`customer_unique_id` = `t50`.`customer_unique_id`
              ) AS `t51`
            ) AS `t53`
            LEFT OUTER JOIN (
              SELECT
                `t33`.`customer_unique_id`,
                SUM(`t33`.`payment_value`) AS `total_payment_value`,
                ieee_divide(
                  CAST(SUM(`t33`.`payment_installments`) AS FLOAT64),
                  NULLIF(CAST(COUNT(`t33`.`payment_installments`) AS FLOAT64), 0)
                ) AS `avg_payment_installments`
              FROM (
                SELECT
                  `t28`.`order_id`,
                  `t28`.`customer_unique_id`,
                  `t18`.`payment_sequential`,
                  `t18`.`payment_type`,
                  `t18`.`payment_installments`,
                  `t18`.`payment_value`,
                  `t18`.`is_installment`,
                  `t18`.`installment_value`,
                  `t18`.`payment_type_flag_credit`,
                  `t18`.`payment_date_id`,
                  `t18`.`load_timestamp`
                FROM (
                  SELECT
                    `t26`.`order_id`,
                    `t26`.`customer_unique_id`
                  FROM `t25` AS `t26`
                ) AS `t28`
                INNER JOIN (
                  SELECT
                    `t5`.*
                    EXCEPT (`customer_id`)
                  FROM `a-project`.`shop_marts`.`fact_payments` AS `t5`
                ) AS `t18`
                  ON `t28`.`order_id` = `t18`.`order_id`
              ) AS `t33`
              GROUP BY
                1
            ) AS `t42`
              ON `t53`.`customer_unique_id` = `t42`.`customer_unique_id`
          ) AS `t54`
        ) AS `t56`
        LEFT OUTER JOIN (
          SELECT
            `t32`.`customer_unique_id`,
            ieee_divide(
              CAST(SUM(`t32`.`review_score`) AS FLOAT64),
              NULLIF(CAST(COUNT(`t32`.`review_score`) AS FLOAT64), 0)
            ) AS `avg_review_score`,
            COUNT(*) AS `num_reviews`
          FROM (
            SELECT
              `t28`.`order_id`,
              `t28`.`customer_unique_id`,
              `t14`.`review_id`,
              `t14`.`review_score`,
              `t14`.`is_positive_review`,
              `t14`.`is_negative_review`,
              `t14`.`review_comment_title`,
              `t14`.`review_comment_message`,
              `t14`.`review_length`,
              `t14`.`has_comment`,
              `t14`.`review_creation_date`,
              `t14`.`review_creation_date_id`,
              `t14`.`review_answer_date`,
              `t14`.`review_answer_date_id`,
              `t14`.`response_time_hours`,
              `t14`.`load_timestamp`
            FROM (
              SELECT
                `t26`.`order_id`,
                `t26`.`customer_unique_id`
              FROM `t25` AS `t26`
            ) AS `t28`
            INNER JOIN (
              SELECT
                `t1`.*
                EXCEPT (`customer_id`)
              FROM `a-project`.`shop_marts`.`fact_reviews` AS `t1`
            ) AS `t14`
              ON `t28`.`order_id` = `t14`.`order_id`
          ) AS `t32`
          GROUP BY
            1
        ) AS `t41`
          ON `t56`.`customer_unique_id` = `t41`.`customer_unique_id`
      ) AS `t57`
    ) AS `t59`
    LEFT OUTER JOIN (
      SELECT
        `t38`.`customer_unique_id`,
        ieee_divide(
          CAST(SUM(`t38`.`is_late`) AS FLOAT64),
          NULLIF(CAST(COUNT(`t38`.`is_late`) AS FLOAT64), 0)
        ) AS `late_share`
      FROM (
        SELECT
          `t31`.`customer_unique_id`,
          `t31`.`order_id`,
          MAX(CAST(`t31`.`delivery_late_flag` AS INT64)) AS `is_late`
        FROM (
          SELECT
            `t28`.`order_id`,
            `t28`.`customer_unique_id`,
            `t13`.`order_item_id`,
            `t13`.`product_id`,
            `t13`.`seller_id`,
            `t13`.`order_status`,
            `t13`.`order_approved_at`,
            `t13`.`shipping_limit_date`,
            `t13`.`shipping_limit_date_id`,
            `t13`.`order_delivered_customer_date`,
            `t13`.`order_estimated_delivery_date`,
            `t13`.`actual_delivery_days`,
            `t13`.`estimated_delivery_days`,
            `t13`.`delivery_delay`,
            `t13`.`delivery_late_flag`,
            `t13`.`load_timestamp`
          FROM (
            SELECT
              `t26`.`order_id`,
              `t26`.`customer_unique_id`
            FROM `t25` AS `t26`
          ) AS `t28`
          INNER JOIN (
            SELECT
              `t0`.*
              EXCEPT (`customer_id`)
            FROM `a-project`.`shop_marts`.`fact_fulfillment` AS `t0`
          ) AS `t13`
            ON `t28`.`order_id` = `t13`.`order_id`
        ) AS `t31`
        GROUP BY
          1,
          2
      ) AS `t38`
      GROUP BY
        1
    ) AS `t48`
      ON `t59`.`customer_unique_id` = `t48`.`customer_unique_id`
  ) AS `t60`
) AS `t61`
