<?php

/** The shop's queueable classes: the same names and properties, and a handle() that only notes that it ran. */

namespace App\Models {
    use Illuminate\Database\Eloquent\Model;
    use Illuminate\Database\Eloquent\SoftDeletes;

    class Order extends Model
    {
        use SoftDeletes;
    }

    class AlWaseetShipment extends Model
    {
        protected $table = 'alwaseet_shipments';
    }
}

namespace App\Events {
    use App\Models\AlWaseetShipment;
    use App\Models\Order;
    use Illuminate\Broadcasting\InteractsWithSockets;
    use Illuminate\Foundation\Events\Dispatchable;
    use Illuminate\Queue\SerializesModels;

    class OrderCreated
    {
        use Dispatchable, InteractsWithSockets, SerializesModels;

        public $order;

        public function __construct(Order $order)
        {
            $this->order = $order;
        }
    }

    class AlWaseetShipmentStatusChanged
    {
        use Dispatchable, InteractsWithSockets, SerializesModels;

        public $shipment;
        public $oldStatusId;
        public $newStatusId;

        public function __construct(AlWaseetShipment $shipment, string $oldStatusId, string $newStatusId)
        {
            $this->shipment = $shipment;
            $this->oldStatusId = $oldStatusId;
            $this->newStatusId = $newStatusId;
        }
    }
}

namespace App\Listeners {
    use App\Events\AlWaseetShipmentStatusChanged;
    use App\Events\OrderCreated;
    use Illuminate\Contracts\Queue\ShouldQueue;
    use Illuminate\Queue\InteractsWithQueue;

    class CreateAlWaseetShipmentListener implements ShouldQueue
    {
        use InteractsWithQueue;

        public function handle(OrderCreated $event)
        {
            note('order-created', $event->order->id);
        }
    }

    class NotifyShipmentStatusChangedListener implements ShouldQueue
    {
        use InteractsWithQueue;

        public function handle(AlWaseetShipmentStatusChanged $event)
        {
            note('status-changed', "{$event->shipment->id} $event->oldStatusId $event->newStatusId");
        }
    }
}

namespace App\Jobs {
    use App\Models\Order;
    use Illuminate\Bus\Queueable;
    use Illuminate\Contracts\Queue\ShouldBeUnique;
    use Illuminate\Contracts\Queue\ShouldQueue;
    use Illuminate\Foundation\Bus\Dispatchable;
    use Illuminate\Queue\InteractsWithQueue;
    use Illuminate\Queue\SerializesModels;

    class CreateAlWaseetShipmentJob implements ShouldQueue
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public $tries = 3;
        public $timeout = 120;
        public $order;

        public function __construct(Order $order)
        {
            $this->order = $order;
        }

        public function handle()
        {
            note('create-shipment', $this->order->id);
        }
    }

    class SyncAlWaseetOrdersJob implements ShouldQueue
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public $tries = 2;
        public $timeout = 300;
        protected $statusId;
        protected $dateFrom;
        protected $dateTo;
        protected $syncLog;

        public function __construct($statusId = null, $dateFrom = null, $dateTo = null)
        {
            $this->statusId = $statusId;
            $this->dateFrom = $dateFrom;
            $this->dateTo = $dateTo;
        }

        public function handle()
        {
            note('sync-orders', $this->statusId);
        }
    }

    class ProcessAlWaseetQueueJob implements ShouldQueue
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public $tries = 3;
        public $timeout = 60;
        protected $jobData;
        protected $jobType;

        public function __construct($jobType, $jobData = null)
        {
            $this->jobType = $jobType;
            $this->jobData = $jobData;
        }

        public function handle()
        {
            note('process-queue', $this->jobType);
        }
    }

    class UpdateAlWaseetShipmentsStatusJob implements ShouldQueue, ShouldBeUnique
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public $tries = 1;
        public $timeout = 120;
        public $uniqueFor = 60;

        public function handle()
        {
            note('update-shipments', '');
        }
    }

    class SyncAlWaseetOrderStatusesJob implements ShouldQueue
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public $tries = 2;
        public $timeout = 60;

        public function handle()
        {
            note('sync-statuses', '');
        }
    }

    class UpdateOrdersFromMerchantOrdersJob implements ShouldQueue
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public $tries = 2;
        public $timeout = 300;

        public function handle()
        {
            note('update-orders', '');
        }
    }

    class UpdateStatusCountsJob implements ShouldQueue
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public $tries = 2;
        public $timeout = 300;

        public function handle()
        {
            note('update-status-counts', '');
        }
    }

    /** One that the shop does not have today. */
    class SendNewsletterJob implements ShouldQueue
    {
        use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

        public function handle()
        {
            note('newsletter', '');
        }
    }
}

namespace {
    /** Note in the file that SHOP_WORKED names what a PHP worker did, after SHOP_SLOW seconds. */
    function note($what, $id)
    {
        sleep((int) getenv('SHOP_SLOW'));
        if ($file = getenv('SHOP_WORKED')) {
            file_put_contents($file, trim("$what $id") . "\n", FILE_APPEND | LOCK_EX);
        }
    }
}
